using GptGen.Cuda.Driver;

namespace GptGen.Cuda;

/// <summary>
/// An arena in a GPU's memory. Disposing of it frees the memory at once, the finalizer of its memory does where that was forgotten.
/// </summary>
internal sealed class CudaArena : Arena
{
    private const string Copying = "a copy between host and GPU";

    private readonly CudaDevice device;
    private readonly GpuMemory memory;

    /// <summary>Takes over memory, which is zero.</summary>
    public CudaArena(CudaDevice device, BufferRole role, nint elements, GpuMemory memory)
        : base(device, role, elements)
    {
        this.device = device;
        this.memory = memory;
    }

    /// <summary>The address of an element.</summary>
    public GpuAddress Address(nint offset) => memory.Address + (offset * GpuElementTypes.Size(Role));

    /// <inheritdoc/>
    protected override void WriteNumbers(nint offset, ReadOnlySpan<float> values) => device.Write(Address(offset), values, Copying);

    /// <inheritdoc/>
    protected override void ReadNumbers(nint offset, Span<float> values) => device.Read(Address(offset), values, Copying);

    /// <inheritdoc/>
    protected override void WriteIntegers(nint offset, ReadOnlySpan<int> values) => device.Write(Address(offset), values, Copying);

    /// <inheritdoc/>
    protected override void ReadIntegers(nint offset, Span<int> values) => device.Read(Address(offset), values, Copying);

    /// <inheritdoc/>
    protected override void ClearElements(nint offset, nint count) =>
        device.Clear(Address(offset), count * GpuElementTypes.Size(Role), "the clearing of an arena");

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            device.Free(memory);
    }
}
