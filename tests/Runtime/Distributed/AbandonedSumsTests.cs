using GptGen.Cpu;
using GptGen.Distributed;
using Xunit;

namespace GptGen.Runtime.Tests.Distributed;

/// <summary>A process that gives a step up while the engine still waits for the others.</summary>
public sealed unsafe class AbandonedSumsTests
{
    /// <summary>As large that memory which is freed is gone from the process: who reads it then ends the tests.</summary>
    private const nint Elements = 16 << 20;

    [Fact]
    public void GradientsStayWhileTheEngineReadsThem()
    {
        using var device = new CpuDevice(1);
        using var model = SharedGpt.Create(device);
        using var others = new LateOthers();
        using (var gradients = device.Allocate(BufferRole.Gradient, Elements))
        {
            gradients.Write(0, [3f]);
            others.StartSum(gradients, Partition.OfBlocks(model.Description, others.Size), 0);
            Assert.True(others.Called.Wait(TimeSpan.FromSeconds(30)));
            others.AbandonSums();
        }

        others.Come.Set();
        Assert.True(others.Read.Wait(TimeSpan.FromSeconds(30)));
        Assert.Equal(3f, others.First);
    }

    /// <summary>Two processes, of which the other one comes when it is told to.</summary>
    private sealed class LateOthers : HostCommunicator
    {
        public override int Rank => 0;

        public override int Size => 2;

        public override string Host => "here";

        public override string Engine => "the test's";

        internal ManualResetEventSlim Called { get; } = new();

        internal ManualResetEventSlim Come { get; } = new();

        internal ManualResetEventSlim Read { get; } = new();

        internal float First { get; private set; }

        public override void Exchange(ReadOnlySpan<double> own, Span<double> all) => throw new NotSupportedException();

        public override void Abort(int code) => throw new NotSupportedException();

        internal override void Broadcast(Span<byte> bytes, int from) => throw new NotSupportedException();

        internal override void AwaitFirst() => throw new NotSupportedException();

        private protected override void AllToAll(
            float* send, ReadOnlySpan<int> sendCounts, ReadOnlySpan<int> sendPlaces, float* receive, ReadOnlySpan<int> receiveCounts,
            ReadOnlySpan<int> receivePlaces)
        {
            Called.Set();
            Come.Wait();
            First = *send;
            Read.Set();
            throw new GptGenException("They have given up too.");
        }

        private protected override void AllGather(float* values, ReadOnlySpan<int> counts, ReadOnlySpan<int> places) =>
            throw new NotSupportedException();
    }
}
