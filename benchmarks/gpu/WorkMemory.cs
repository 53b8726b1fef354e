namespace GptGen.Benchmarks.Gpu;

/// <summary>
/// Tensors of a benchmark. Their numbers are normally distributed, as products of small or equal numbers run faster, and the same for each part.
/// </summary>
internal sealed class WorkMemory(CudaDevice device) : IDisposable
{
    private const int PartElements = 1 << 20;

    private readonly List<Arena> arenas = [];
    private uint seed;

    /// <summary>Rows of activations.</summary>
    public Rows<T> Rows<T>(int count)
        where T : struct, IDimension =>
        new(Numbers(BufferRole.Activation, (nint)count * T.Size), count);

    /// <summary>Room for rows of logits.</summary>
    public Rows<T> Logits<T>(int count)
        where T : struct, IDimension =>
        new(Allocate(BufferRole.Workspace, (nint)count * T.Stored), count);

    /// <summary>A matrix of weights, or of their gradients.</summary>
    public Matrix<TOut, TIn> Matrix<TOut, TIn>(BufferRole role)
        where TOut : struct, IDimension
        where TIn : struct, IDimension =>
        new(Numbers(role, (nint)TOut.Stored * TIn.Size));

    /// <summary>A bias, or its gradient.</summary>
    public Vector<TSize> Vector<TSize>(BufferRole role)
        where TSize : struct, IDimension =>
        new(Numbers(role, TSize.Size));

    /// <summary>Integers that are all the same.</summary>
    public Integers Integers(int count, int value)
    {
        var place = Allocate(BufferRole.Token, count);
        int[] values = [.. Enumerable.Repeat(value, count)];
        place.Arena.Write(0, values);
        return new(place, count);
    }

    /// <summary>Room for statistics.</summary>
    public Statistics Statistics(int count) => new(Allocate(BufferRole.Statistic, count), count);

    public void Dispose() => arenas.ForEach(static arena => arena.Dispose());

    private Location Numbers(BufferRole role, nint count)
    {
        var place = Allocate(role, count);
        var values = new float[Math.Min(count, PartElements)];
        RandomNumbers.RandomStream.Batches(++seed, 0, 0).FillNormal(0, values, 0, 1);
        for (nint first = 0; first < count; first += values.Length)
            place.Arena.Write(first, values.AsSpan(0, (int)Math.Min(values.Length, count - first)));
        return place;
    }

    private Location Allocate(BufferRole role, nint count)
    {
        arenas.Add(device.Allocate(role, count));
        return arenas[^1].At(0);
    }
}
