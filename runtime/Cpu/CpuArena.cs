using System.Runtime.InteropServices;

namespace GptGen.Cpu;

/// <summary>An arena in native memory: f32 for every role but <see cref="BufferRole.Token"/>, whose elements are 32-bit integers.</summary>
internal sealed unsafe class CpuArena : Arena
{
    private readonly NativeBuffer memory;

    /// <summary>Allocates.</summary>
    /// <exception cref="GptGenException">There is not enough memory.</exception>
    public CpuArena(CpuDevice device, BufferRole role, nint elements)
        : base(device, role, elements)
    {
        try
        {
            memory = NativeBuffer.OfFloats(elements, device.Calls);
        }
        catch (Exception exception) when (exception is OutOfMemoryException or OverflowException)
        {
            throw new GptGenException(
                $"There is no memory for {elements:N0} elements ({role}); use a smaller batch, a shorter context or a smaller model.", exception);
        }
    }

    /// <summary>The first f32 number.</summary>
    public float* Floats => memory.Floats;

    /// <summary>The first integer.</summary>
    public int* Integers => (int*)memory.Floats;

    /// <inheritdoc/>
    protected override void WriteNumbers(nint offset, ReadOnlySpan<float> values) => values.CopyTo(new Span<float>(Floats + offset, values.Length));

    /// <inheritdoc/>
    protected override void ReadNumbers(nint offset, Span<float> values) => new ReadOnlySpan<float>(Floats + offset, values.Length).CopyTo(values);

    /// <inheritdoc/>
    protected override void WriteIntegers(nint offset, ReadOnlySpan<int> values) => values.CopyTo(new Span<int>(Integers + offset, values.Length));

    /// <inheritdoc/>
    protected override void ReadIntegers(nint offset, Span<int> values) => new ReadOnlySpan<int>(Integers + offset, values.Length).CopyTo(values);

    /// <inheritdoc/>
    protected override void ClearElements(nint offset, nint count) => NativeMemory.Clear(memory.Floats + offset, (nuint)count * sizeof(float));

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            memory.Dispose();
    }
}
