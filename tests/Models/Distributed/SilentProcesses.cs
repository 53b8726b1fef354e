using GptGen.Distributed;

namespace GptGen.Models.Tests.Distributed;

/// <summary>Some processes, of which nothing but their number counts.</summary>
internal sealed class SilentProcesses(int size) : Communicator
{
    public override int Rank => 0;

    public override int Size => size;

    public override string Host => "here";

    public override string Engine => "nothing";

    public override void Exchange(ReadOnlySpan<double> own, Span<double> all) => throw new NotSupportedException();

    public override void Abort(int code) => throw new NotSupportedException();

    internal override void Broadcast(Span<byte> bytes, int from) => throw new NotSupportedException();

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
