namespace GptGen.Cpu;

/// <summary>
/// A block of an operand that will be packed next. It is asked for a little with each tile that is computed before, so that memory works while the
/// processor multiplies; all at once, the requests would only queue.
/// </summary>
/// <param name="start">Its first element.</param>
/// <param name="lines">Stretches of memory; 0 means that nothing comes next.</param>
/// <param name="floats">Elements of each.</param>
/// <param name="stride">Elements from one to the next.</param>
/// <param name="tiles">Tiles that are computed before.</param>
internal unsafe struct BlockAhead(float* start, nint lines, nint floats, nint stride, nint tiles)
{
    private readonly nint share = tiles == 0 ? 0 : (lines * ((floats + CacheLine.Floats - 1) / CacheLine.Floats) + tiles - 1) / tiles;
    private float* next = start;
    private float* end = start + floats;
    private nint left = tiles == 0 ? 0 : lines;

    /// <summary>Asks for one tile's share.</summary>
    public void Fetch()
    {
        if (left == 0)
            return;
        float* at = next, stop = end;
        for (nint count = share; count != 0; count--)
        {
            CacheLine.PrefetchToSecondLevel(at);
            at += CacheLine.Floats;
            if (at >= stop)
            {
                if (--left == 0)
                    return;
                at = stop + (stride - floats);
                stop += stride;
            }
        }

        next = at;
        end = stop;
    }
}
