using GptGen.Cuda.Driver;

namespace GptGen.Cuda;

/// <summary>An arena in a GPU's memory. Disposing of it frees the memory at once, the finalizer of its memory does where that was forgotten.</summary>
internal sealed class CudaArena : Arena
{
    private const string Copying = "a copy between host and GPU";

    private readonly GpuMemory memory;

    /// <summary>Takes over memory, which is zero.</summary>
    public CudaArena(CudaDevice device, BufferRole role, nint elements, GpuMemory memory)
        : base(role, elements)
    {
        Device = device;
        this.memory = memory;
    }

    /// <summary>The device that it belongs to.</summary>
    public CudaDevice Device { get; }

    /// <summary>The address of an element.</summary>
    public GpuAddress Address(nint offset) => memory.Address + (offset * ElementTypes.Size(Role));

    /// <inheritdoc/>
    public override void Write(nint offset, ReadOnlySpan<float> values)
    {
        Check(offset, values.Length, integers: false);
        Device.Write(Address(offset), values, Copying);
    }

    /// <inheritdoc/>
    public override void Read(nint offset, Span<float> values)
    {
        Check(offset, values.Length, integers: false);
        Device.Read(Address(offset), values, Copying);
    }

    /// <inheritdoc/>
    public override void Write(nint offset, ReadOnlySpan<int> values)
    {
        Check(offset, values.Length, integers: true);
        Device.Write(Address(offset), values, Copying);
    }

    /// <inheritdoc/>
    public override void Read(nint offset, Span<int> values)
    {
        Check(offset, values.Length, integers: true);
        Device.Read(Address(offset), values, Copying);
    }

    /// <inheritdoc/>
    public override void Clear(nint offset, nint count)
    {
        CheckRange(offset, count);
        Device.Clear(Address(offset), count * ElementTypes.Size(Role), "the clearing of an arena");
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            Device.Free(memory);
    }

    private void Check(nint offset, nint count, bool integers)
    {
        if (integers != (Role == BufferRole.Token))
            throw new InvalidOperationException($"An arena of role {Role} holds {(integers ? "numbers" : "integers")}.");
        CheckRange(offset, count);
    }
}
