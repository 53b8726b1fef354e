using GptGen.Distributed;
using Xunit;

namespace GptGen.Runtime.Tests.Distributed;

public sealed class LaunchTests
{
    [Theory]
    [InlineData("", null)]
    [InlineData("OMPI_COMM_WORLD_SIZE=4 OMPI_COMM_WORLD_RANK=3 PMIX_RANK=3", "OpenMpi 3 of 4")]
    [InlineData("OMPI_COMM_WORLD_SIZE=1 OMPI_COMM_WORLD_RANK=0", null)]
    [InlineData("PMI_SIZE=2 PMI_RANK=1", "Mpich 1 of 2")]
    [InlineData("PMI_SIZE=2 PMI_RANK=1 SLURM_STEP_NUM_TASKS=2 SLURM_PROCID=1", "Mpich 1 of 2")]
    [InlineData("PMI_RANK=1 SLURM_STEP_NUM_TASKS=2 SLURM_PROCID=1", "Mpich 1 of 2")]
    // Hydra's proxies are a step of Slurm, one a node.
    [InlineData("PMI_SIZE=16 PMI_RANK=9 SLURM_STEP_NUM_TASKS=2", "Mpich 9 of 16")]
    [InlineData("PMIX_RANK=2 SLURM_STEP_NUM_TASKS=3 SLURM_PROCID=2", "OpenMpi 2 of 3")]
    [InlineData("PMIX_RANK=2", "OpenMpi 2 of ")]
    // What a batch script has without being one of several.
    [InlineData("SLURM_NTASKS=2 SLURM_PROCID=0 SLURM_JOB_ID=7", null)]
    [InlineData("SLURM_STEP_NUM_TASKS=1 SLURM_PROCID=0", null)]
    public void ALauncherIsKnownByItsVariables(string variables, string? expected)
    {
        var set = variables.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(static pair => pair.Split('=')).ToDictionary(
            static pair => pair[0], static pair => pair[1]);
        var launch = Launch.Find(set.GetValueOrDefault);
        Assert.Equal(expected, launch is null ? null : $"{launch.Family} {launch.Rank} of {launch.Size}");
    }

    [Fact]
    public void AStepOfSlurmWithoutMpiIsRefused()
    {
        var error = Assert.Throws<GptGenException>(() => Launch.Find(static name => name == "SLURM_STEP_NUM_TASKS" ? "4" : null));
        Assert.Contains("srun started 4 processes", error.Message);
    }
}
