using GptGen.Sampling;

namespace GptGen.Cpu;

/// <summary>What one call of an operator needs beside its operands: panels of products and a run of floats. It grows and is kept.</summary>
internal sealed unsafe class Scratch(WorkerPool pool, SimdLevel level) : IDisposable
{
    private readonly List<TokenChooser> choosers = [];
    private NativeBuffer? memory;

    /// <summary>The memory for products.</summary>
    public GemmWorkspace Products { get; } = new(pool, level);

    /// <summary>Room for <paramref name="count"/> floats with undefined values, at a multiple of 64 bytes; an earlier room is lost.</summary>
    public float* Floats(nint count)
    {
        if (memory is null || memory.Bytes < count * sizeof(float))
        {
            memory?.Dispose();
            memory = NativeBuffer.OfFloats(count);
        }

        return memory.Floats;
    }

    /// <summary>At least <paramref name="count"/> choosers of tokens.</summary>
    public List<TokenChooser> TokenChoosers(int count)
    {
        while (choosers.Count < count)
            choosers.Add(new());
        return choosers;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Products.Dispose();
        memory?.Dispose();
    }
}
