using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using GptGen.Cuda.Driver;
using GptGen.Cuda.Driver.Nccl;
using GptGen.Cuda.Tests.Device;
using GptGen.Distributed;
using Xunit;

namespace GptGen.Cuda.Tests.Distributed;

/// <summary>Buckets of gradients, as a backward pass hands them on, between the GPUs of several processes.</summary>
public sealed class NcclSumTests
{
    private const int Block = Partition.Block;
    private const int Elements = (5 * Block) + 7;

    [Fact]
    public void Buckets_are_summed_up_behind_what_writes_them() => RankProcesses.Run<NcclSumTests>(nameof(Buckets), ranks: 3);

    /// <summary>Work waits until somebody does, so that a wait that is missing shows.</summary>
    [Fact]
    public void Buckets()
    {
        var (rank, size) = (RankProcesses.Rank, RankProcesses.Size);
        using var machine = new TestMachine(("DEVICES", $"{size}"), ("DEFERRED", "1"));
        using var device = machine.Open(gpu: rank);
        using var others = NcclCommunicator.Start(new KnownRank(rank, size), device);
        var parts = new Partition(
            [
                new(1, [new(Block, Block), new(4 * Block, Block + 7)]), new(0, [new(2 * Block, 2 * Block)]),
                new(GradientBucket.AtEnd, [new(0, Block)]),
            ],
            size, isEven: true);
        using var written = device.Allocate(BufferRole.Gradient, Elements);
        using var gradients = device.Allocate(BufferRole.Gradient, Elements);
        using var own = device.Allocate(BufferRole.Moment, parts.Count(rank));
        written.Write(0, [.. Enumerable.Range(0, Elements).Select(index => (index % 1000) + (rank * 1000f))]);
        // Whole numbers, whose sums need no rounding.
        float[] sums = [.. Enumerable.Range(0, Elements).Select(index => (size * (index % 1000)) + (size * (size - 1) / 2 * 1000f))];
        var read = new float[Elements];
        for (var step = 0; step < 2; step++)
        {
            gradients.Clear(0, Elements);
            for (var bucket = 0; bucket < parts.Buckets; bucket++)
            {
                for (var range = parts.FirstRange(bucket); range < parts.FirstRange(bucket + 1); range++)
                    device.Accumulate(written, gradients, parts[range].First, parts[range].Count, GradientWrite.Write);
                others.StartSum(gradients, parts, bucket);
            }

            others.AwaitSums();
            gradients.Read(0, read);
            for (var range = 0; range < parts.Ranges; range++)
            {
                var (first, count) = ((int)parts.First(range, rank), (int)parts.Count(range, rank));
                Assert.Equal(sums[first..(first + count)], read[first..(first + count)]);
            }
        }

        others.AllGather(gradients, parts);
        gradients.Read(0, read);
        Assert.Equal(sums, read);
        // Moments go out and come back to their places.
        others.Scatter(gradients, own, parts);
        gradients.Clear(0, Elements);
        others.Gather(own, gradients, parts);
        gradients.Read(0, read);
        Assert.Equal(sums, read);
    }

    [Fact]
    public void A_step_that_is_given_up_waits_for_nobody() => RankProcesses.Run<NcclSumTests>(nameof(Giving_up), ranks: 2);

    /// <summary>
    /// The other process lives on and never comes: gradients are freed all the same, and the sums' stream has nothing left to wait for.
    /// </summary>
    [Fact]
    public void Giving_up()
    {
        var (rank, size) = (RankProcesses.Rank, RankProcesses.Size);
        using var done = new TestFile(RankProcesses.Address);
        using var machine = new TestMachine(("DEVICES", $"{size}"), ("DEFERRED", "1"));
        using var device = machine.Open(gpu: rank);
        using var others = NcclCommunicator.Start(new KnownRank(rank, size), device);
        if (rank != 0)
        {
            done.Await();
            return;
        }

        var parts = new Partition([new(GradientBucket.AtEnd, [new(0, Elements)])], size, isEven: true);
        var clock = Stopwatch.StartNew();
        using (var gradients = device.Allocate(BufferRole.Gradient, Elements))
        {
            gradients.Clear(0, Elements);
            others.StartSum(gradients, parts, 0);
            others.AbandonSums();
        }

        device.Synchronize();
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(10), $"It took {clock.Elapsed}.");
        Assert.Contains("failed before", Assert.Throws<GptGenException>(() =>
        {
            using var gradients = device.Allocate(BufferRole.Gradient, Elements);
            others.StartSum(gradients, parts, 0);
        }).Message);
        done.Write();
    }

    /// <summary>A file by which a process tells another one that it has finished.</summary>
    private sealed class TestFile(string name) : IDisposable
    {
        private readonly string path = Path.Combine(Path.GetTempPath(), $"gptgen-done-{name.Replace(':', '-')}");

        public void Write() => File.WriteAllText(path, "");

        public void Await() => Assert.True(SpinWait.SpinUntil(() => File.Exists(path), TimeSpan.FromSeconds(60)));

        public void Dispose()
        {
            if (RankProcesses.Rank != 0)
                File.Delete(path);
        }
    }

    /// <summary>A process that knows of the others by its environment.</summary>
    private sealed class KnownRank(int rank, int size) : Communicator
    {
        public override int Rank => rank;

        public override int Size => size;

        public override string Host => "here";

        public override string Engine => "the test's";

        public override void Exchange(ReadOnlySpan<double> own, Span<double> all) => throw new NotSupportedException();

        /// <summary>Of NCCL's identity, which follows from the environment.</summary>
        internal override void Broadcast(Span<byte> bytes, int from)
        {
            Assert.Equal(Unsafe.SizeOf<NcclId>(), bytes.Length);
            var id = GpuCollectives.CreateId();
            MemoryMarshal.AsBytes(new Span<NcclId>(ref id)).CopyTo(bytes);
        }

        public override void Abort(int code) => throw new NotSupportedException();

        internal override void Broadcast(Arena arena, nint count) => throw new NotSupportedException();

        internal override void StartSum(Arena gradients, Partition parts, int bucket) => throw new NotSupportedException();

        internal override void AwaitSums() => throw new NotSupportedException();

        internal override void AllGather(Arena parameters, Partition parts) => throw new NotSupportedException();

        internal override void Gather(Arena own, Arena whole, Partition parts) => throw new NotSupportedException();

        internal override void Scatter(Arena whole, Arena own, Partition parts) => throw new NotSupportedException();

        internal override void AwaitFirst() => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
        }
    }
}
