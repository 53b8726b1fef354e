using System.Runtime.InteropServices;
using GptGen.Checkpoints;

namespace GptGen.Cpu;

/// <summary>An arena in native memory: f32 for every role but <see cref="BufferRole.Token"/>, whose elements are 32-bit integers.</summary>
internal unsafe class CpuArena : Arena
{
    private readonly NativeBuffer memory;

    /// <summary>Allocates.</summary>
    /// <exception cref="GptGenException">There is not enough memory.</exception>
    public CpuArena(CpuDevice device, BufferRole role, nint elements)
        : this(device, role, elements, Math.Min(elements, nint.MaxValue / sizeof(float)) * sizeof(float))
    {
    }

    /// <summary>Allocates elements that take so many bytes.</summary>
    /// <exception cref="GptGenException">There is not enough memory.</exception>
    protected CpuArena(CpuDevice device, BufferRole role, nint elements, nint bytes)
        : base(device, role, elements)
    {
        try
        {
            memory = new(Math.Max(bytes, sizeof(float)), device.Calls);
        }
        catch (Exception exception) when (exception is OutOfMemoryException or OverflowException)
        {
            throw new GptGenException(
                $"There is no memory for {elements:N0} elements ({role}); use a smaller batch, a shorter context or a smaller model.", exception);
        }
    }

    /// <summary>The memory, for who uses it on a thread that nobody waits for: while it is held there, disposing of the arena leaves it.</summary>
    internal SafeHandle Kept => memory;

    /// <summary>The first byte.</summary>
    protected byte* Memory => (byte*)memory.Floats;

    /// <summary>The integer at a place.</summary>
    public int* IntegersAt(nint offset) => (int*)memory.Floats + offset;

    /// <summary>The f32 number at a place.</summary>
    /// <exception cref="GptGenException">What is there is kept in another type.</exception>
    public virtual float* FloatsAt(nint offset) => memory.Floats + offset;

    /// <summary>The rows of so many elements that begin at a place.</summary>
    public virtual WeightMatrix MatrixAt(nint offset, int columns) =>
        new((byte*)FloatsAt(offset), (nint)columns * sizeof(float), ElementType.F32);

    /// <inheritdoc/>
    internal override bool TakesColumns => true;

    /// <inheritdoc/>
    internal override Span<byte> Stored(nint offset, nint count, ElementType type) =>
        type == ElementType.F32 && count <= int.MaxValue / sizeof(float) ? new(memory.Floats + offset, (int)count * sizeof(float)) : default;

    /// <inheritdoc/>
    internal override void WriteColumns(nint offset, int rows, int columns, int first, ReadOnlySpan<float> values)
    {
        fixed (float* from = values)
            PanelPacking.WriteColumns(from, rows, rows, values.Length / rows, FloatsAt(offset) + first, columns);
    }

    /// <inheritdoc/>
    protected override void WriteNumbers(nint offset, ReadOnlySpan<float> values) =>
        values.CopyTo(new Span<float>(memory.Floats + offset, values.Length));

    /// <inheritdoc/>
    protected override void ReadNumbers(nint offset, Span<float> values) =>
        new ReadOnlySpan<float>(memory.Floats + offset, values.Length).CopyTo(values);

    /// <inheritdoc/>
    protected override void WriteIntegers(nint offset, ReadOnlySpan<int> values) => values.CopyTo(new Span<int>(IntegersAt(offset), values.Length));

    /// <inheritdoc/>
    protected override void ReadIntegers(nint offset, Span<int> values) => new ReadOnlySpan<int>(IntegersAt(offset), values.Length).CopyTo(values);

    /// <inheritdoc/>
    protected override void ClearElements(nint offset, nint count) => NativeMemory.Clear(memory.Floats + offset, (nuint)count * sizeof(float));

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            memory.Dispose();
    }
}
