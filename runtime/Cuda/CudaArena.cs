using GptGen.Cuda.Driver;

namespace GptGen.Cuda;

/// <summary>
/// An arena in a GPU's memory. Disposing of it frees the memory at once, the finalizer of its memory does where that was forgotten. What goes in is
/// rounded to the elements' type, and what comes out is widened.
/// </summary>
internal sealed class CudaArena : Arena
{
    private const string Copying = "a copy between host and GPU";

    private readonly CudaDevice device;
    private readonly GpuMemory memory;
    private readonly int size;

    /// <summary>Takes over memory, which is zero.</summary>
    /// <param name="device">Whose it is.</param>
    /// <param name="role">What it is for.</param>
    /// <param name="elements">Its size.</param>
    /// <param name="memory">The memory.</param>
    /// <param name="master">The weights as training changes them, from which these are rounded; owned from now on.</param>
    public CudaArena(CudaDevice device, BufferRole role, nint elements, GpuMemory memory, CudaArena? master = null)
        : base(device, role, elements)
    {
        this.device = device;
        this.memory = memory;
        size = device.ElementSize(role);
        Master = master;
    }

    /// <summary>The type of its numbers.</summary>
    public GpuElement Element => device.ElementOf(Role);

    /// <summary>
    /// The weights as training changes them, where these are rounded from them: it is they that are written and read. Otherwise null.
    /// </summary>
    public CudaArena? Master { get; }

    /// <summary>The address of an element.</summary>
    public GpuAddress Address(nint offset) => memory.Address + (offset * size);

    /// <inheritdoc/>
    protected override void WriteNumbers(nint offset, ReadOnlySpan<float> values)
    {
        Master?.WriteNumbers(offset, values);
        if (Element == GpuElement.BFloat16)
            device.WriteRounded(Address(offset), values, Copying);
        else
            device.Write(Address(offset), values, Copying);
    }

    /// <inheritdoc/>
    protected override void ReadNumbers(nint offset, Span<float> values)
    {
        if (Master is not null)
            Master.ReadNumbers(offset, values);
        else if (Element == GpuElement.BFloat16)
            device.ReadWidened(Address(offset), values, Copying);
        else
            device.Read(Address(offset), values, Copying);
    }

    /// <inheritdoc/>
    protected override void WriteIntegers(nint offset, ReadOnlySpan<int> values) => device.Write(Address(offset), values, Copying);

    /// <inheritdoc/>
    protected override void ReadIntegers(nint offset, Span<int> values) => device.Read(Address(offset), values, Copying);

    /// <inheritdoc/>
    protected override void ClearElements(nint offset, nint count)
    {
        Master?.ClearElements(offset, count);
        device.Clear(Address(offset), count * size, "the clearing of an arena");
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (!disposing)
            return;
        Master?.Dispose();
        device.Free(memory);
    }
}
