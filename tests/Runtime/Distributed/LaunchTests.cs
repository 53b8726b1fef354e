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
    [InlineData("RANK=1 WORLD_SIZE=4 LOCAL_RANK=1 MASTER_ADDR=node7 MASTER_PORT=29500", " 1 of 4 at node7:29500")]
    [InlineData("RANK=0 WORLD_SIZE=1 LOCAL_RANK=0 MASTER_ADDR=node7 MASTER_PORT=29500", null)]
    // torchrun listens there itself; what srun left to it is not its processes' own.
    [InlineData(
        "RANK=3 WORLD_SIZE=4 MASTER_ADDR=node7 MASTER_PORT=29500 TORCHELASTIC_RUN_ID=none TORCHELASTIC_USE_AGENT_STORE=True PMIX_RANK=1 "
        + "SLURM_STEP_NUM_TASKS=2", " 3 of 4 at node7:29501")]
    [InlineData("OMPI_COMM_WORLD_SIZE=2 OMPI_COMM_WORLD_RANK=1 RANK=0 WORLD_SIZE=4 MASTER_ADDR=node7 MASTER_PORT=29500", "OpenMpi 1 of 2")]
    [InlineData("SLURM_STEP_NUM_TASKS=2 RANK=1 WORLD_SIZE=2 MASTER_ADDR=node7 MASTER_PORT=29500", " 1 of 2 at node7:29500")]
    [InlineData("RANK=1 MASTER_ADDR=node7", null)]
    // What a batch script has without being one of several.
    [InlineData("SLURM_NTASKS=2 SLURM_PROCID=0 SLURM_JOB_ID=7", null)]
    [InlineData("SLURM_STEP_NUM_TASKS=1 SLURM_PROCID=0", null)]
    public void ALauncherIsKnownByItsVariables(string variables, string? expected)
    {
        var set = variables.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(static pair => pair.Split('=')).ToDictionary(
            static pair => pair[0], static pair => pair[1]);
        var launch = Launch.Find(set.GetValueOrDefault);
        Assert.Equal(
            expected,
            launch is null ? null : $"{launch.Family} {launch.Rank} of {launch.Size}{(launch.Meeting is { } place ? $" at {place}" : "")}");
    }

    [Theory]
    [InlineData("RANK=4 WORLD_SIZE=4 MASTER_ADDR=node7 MASTER_PORT=29500", "RANK is 4, but must be below WORLD_SIZE, 4")]
    [InlineData("RANK=1 WORLD_SIZE=4 MASTER_PORT=29500", "one of 4 processes, which find each other at MASTER_ADDR")]
    [InlineData("RANK=1 WORLD_SIZE=4 MASTER_ADDR=node7 MASTER_PORT=70000", "one of 4 processes, which find each other at MASTER_ADDR")]
    public void VariablesThatLeadNowhereAreRefused(string variables, string message)
    {
        var set = variables.Split(' ').Select(static pair => pair.Split('=')).ToDictionary(static pair => pair[0], static pair => pair[1]);
        Assert.Contains(message, Assert.Throws<GptGenException>(() => Launch.Find(set.GetValueOrDefault)).Message);
    }

    [Fact]
    public void AStepOfSlurmWithoutMpiIsRefused()
    {
        var error = Assert.Throws<GptGenException>(() => Launch.Find(static name => name == "SLURM_STEP_NUM_TASKS" ? "4" : null));
        Assert.Contains("srun started 4 processes", error.Message);
    }
}
