using System.Runtime.InteropServices;

namespace GptGen.Cpu;

/// <summary>An arena in native memory: f32 for every role but <see cref="BufferRole.Token"/>, whose elements are 32-bit integers.</summary>
internal sealed unsafe class CpuArena : Arena
{
    private readonly NativeBuffer memory;

    /// <summary>Allocates.</summary>
    /// <exception cref="GptGenException">There is not enough memory.</exception>
    public CpuArena(BufferRole role, nint elements)
        : base(role, elements)
    {
        try
        {
            memory = NativeBuffer.OfFloats(elements);
        }
        catch (Exception exception) when (exception is OutOfMemoryException or OverflowException)
        {
            throw new GptGenException(
                $"There is no memory for {elements:N0} elements ({role}); use a smaller batch, a shorter context or a smaller model.", exception);
        }
    }

    /// <summary>The first f32 number.</summary>
    public float* Floats
    {
        get
        {
            CheckKind(integers: false);
            return memory.Floats;
        }
    }

    /// <summary>The first integer.</summary>
    public int* Integers
    {
        get
        {
            CheckKind(integers: true);
            return (int*)memory.Floats;
        }
    }

    /// <inheritdoc/>
    public override void Write(nint offset, ReadOnlySpan<float> values)
    {
        CheckRange(offset, values.Length);
        values.CopyTo(new Span<float>(Floats + offset, values.Length));
    }

    /// <inheritdoc/>
    public override void Read(nint offset, Span<float> values)
    {
        CheckRange(offset, values.Length);
        new ReadOnlySpan<float>(Floats + offset, values.Length).CopyTo(values);
    }

    /// <inheritdoc/>
    public override void Write(nint offset, ReadOnlySpan<int> values)
    {
        CheckRange(offset, values.Length);
        values.CopyTo(new Span<int>(Integers + offset, values.Length));
    }

    /// <inheritdoc/>
    public override void Read(nint offset, Span<int> values)
    {
        CheckRange(offset, values.Length);
        new ReadOnlySpan<int>(Integers + offset, values.Length).CopyTo(values);
    }

    /// <inheritdoc/>
    public override void Clear(nint offset, nint count)
    {
        CheckRange(offset, count);
        NativeMemory.Clear(memory.Floats + offset, (nuint)count * sizeof(float));
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            memory.Dispose();
    }

    private void CheckKind(bool integers)
    {
        if (integers != (Role == BufferRole.Token))
            throw new InvalidOperationException($"An arena of role {Role} was used as one of {(integers ? "integers" : "f32 numbers")}.");
    }
}
