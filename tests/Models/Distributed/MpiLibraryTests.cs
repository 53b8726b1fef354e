using GptGen.Distributed;
using Xunit;

namespace GptGen.Models.Tests.Distributed;

/// <summary>MPI within a process: this test program itself, started by a launcher.</summary>
public sealed class MpiLibraryTests
{
    private const string Marker = "GPTGEN_TEST_INSIDE_MPI";

    /// <summary>UCX, under MPICH, takes over the signals by which .NET learns of a null reference.</summary>
    [Theory]
    [InlineData(Launcher.OpenMpi)]
    [InlineData(Launcher.Mpich)]
    public void AFaultStaysAnExceptionAndNumbersComeAcross(string launcher)
    {
        Launcher.Require(launcher);
        var words = Launcher.Words(
            launcher, 2, Environment.ProcessPath!, "-noColor", "-method", $"{typeof(MpiLibraryTests).FullName}.{nameof(Inside)}");
        var result = Launcher.Run(words, variables: (Marker, "1"));
        Assert.True(result.ExitCode == 0, result.Output + result.Error);
        Assert.Equal(
            2, result.Output.Split('\n').Count(static line => line.Contains("Total: 1, Errors: 0, Failed: 0, Skipped: 0", StringComparison.Ordinal)));
    }

    [Fact]
    public void Inside()
    {
        Assert.SkipWhen(Environment.GetEnvironmentVariable(Marker) is null, "A part of the test that starts it by mpirun.");
        using var others = Communicator.Start();
        Assert.NotNull(others);
        Assert.Throws<NullReferenceException>(static () => Length(null!));
        Assert.Equal(2, others.Size);
        var all = new double[4];
        others.Exchange([others.Rank + 0.5, 7], all);
        Assert.Equal([0.5, 7, 1.5, 7], all);
        Assert.True(others.Any(others.Rank == 1));
        Assert.False(others.Any(false));
        Assert.Equal("of rank 0", others.Broadcast($"of rank {others.Rank}"));

        // Enough for several slices, in three buckets, the first one of two ranges; each rank owns some blocks.
        using var device = new CpuDevice(1);
        const int Block = Partition.Block, Elements = (48 * Block) + 5;
        var parts = new Partition(
            [
                new(1, [new(Block, 2 * Block), new(30 * Block, Block)]), new(0, [new(31 * Block, (17 * Block) + 5)]),
                new(GradientBucket.AtEnd, [new(0, Block), new(3 * Block, 27 * Block)]),
            ],
            2, isEven: false);
        using var gradients = device.Allocate(Tensors.BufferRole.Gradient, Elements);
        using var own = device.Allocate(Tensors.BufferRole.Moment, parts.Count(others.Rank));
        var numbers = new float[Elements];
        for (var index = 0; index < numbers.Length; index++)
            numbers[index] = index % 1000 + others.Rank * 1e-3f;
        gradients.Write(0, numbers);
        for (var bucket = 0; bucket < parts.Buckets; bucket++)
            others.StartSum(gradients, parts, bucket);
        // Another thread may be calling MPI.
        Assert.Throws<InvalidOperationException>(() => others.Any(false));
        others.AwaitSums();
        others.AllGather(gradients, parts);
        gradients.Read(0, numbers);
        for (var index = 0; index < numbers.Length; index++)
            Assert.Equal(index % 1000 + (index % 1000 + 1e-3f), numbers[index]);
        others.Scatter(gradients, own, parts);
        gradients.Clear(0, gradients.Elements);
        others.Gather(own, gradients, parts);
        gradients.Read(0, numbers);
        Assert.Equal(others.IsFirst ? 999 + (999 + 1e-3f) : 0, numbers[2_000_999]);
    }

    private static int Length(string text) => text.Length;
}
