namespace GptGen.Cpu;

/// <summary>
/// A worker's room for the scores of one head, strip by strip of its queries: two products of the tile kernels, with the keys and with the distances.
/// The distances are packed in falling order, so that those of a query's keys are neighbours as the keys are; the second product then only needs to
/// be added from another place on for each query (the relative shift of Dai et al. 2019, appendix B).
/// </summary>
internal readonly unsafe struct RelativeScores
{
    private readonly RelativeOperands operands;
    private readonly float* keyLines, distanceLines, packedQueries;

    /// <summary>Divides <paramref name="room"/>.</summary>
    public RelativeScores(float* room, in RelativeOperands operands)
    {
        AttentionShape shape = operands.Shape;
        nint keyFloats = AttentionStrip.KeyFloats(shape), scoreFloats = AttentionStrip.ScoreFloats(shape);
        nint queryFloats = AttentionStrip.QueryFloats(shape);
        this.operands = operands;
        keyLines = room;
        distanceLines = keyLines + keyFloats;
        Scores = distanceLines + keyFloats;
        Positions = Scores + scoreFloats;
        ContentQueries = Positions + scoreFloats;
        PositionQueries = ContentQueries + queryFloats;
        packedQueries = PositionQueries + queryFloats;
    }

    /// <summary>The scores of a strip, without the scale, [strip, padded length]; those of keys that a query does not see are undefined.</summary>
    public float* Scores { get; }

    /// <summary>Of each query of a strip what distances add to its scores, in falling order of the distances, [strip, padded length].</summary>
    public float* Positions { get; }

    /// <summary>A strip's queries as they meet keys, [strip, padded size].</summary>
    public float* ContentQueries { get; }

    /// <summary>A strip's queries as they meet distances, [strip, padded size].</summary>
    public float* PositionQueries { get; }

    /// <summary>Floats of a room.</summary>
    public static nint Floats(in AttentionShape shape) =>
        2 * AttentionStrip.KeyFloats(shape) + 2 * AttentionStrip.ScoreFloats(shape) + 3 * AttentionStrip.QueryFloats(shape);

    /// <summary>Packs a head's keys of a sequence, of which there is one at least.</summary>
    public void PackKeys<TKernel>(nint sequence, nint head)
        where TKernel : struct, IMicroKernel =>
        AttentionStrip.PackLines(
            operands.Key(sequence, 0, head), operands.Stride, operands.Shape.KeyLength, operands.Shape.HeadSize, TKernel.Columns, keyLines);

    /// <summary>Packs a head's distances, of which there is one at least.</summary>
    public void PackDistances<TKernel>(nint head)
        where TKernel : struct, IMicroKernel =>
        AttentionStrip.PackLines(
            operands.Distance(operands.Shape.KeyLength - 1, head), -operands.Shape.QueryWidth, operands.Shape.KeyLength, operands.Shape.HeadSize,
            TKernel.Columns, distanceLines);

    /// <summary>The scores of the strip that begins at a query.</summary>
    public RelativeStrip Compute<TSimd, TVector, TKernel>(nint sequence, nint head, nint query)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
        where TKernel : struct, IMicroKernel
    {
        RelativeStrip strip = new(query, operands);
        nint paddedLength = AttentionStrip.PaddedLength(operands.Shape), paddedSize = AttentionStrip.PaddedSize(operands.Shape);
        for (nint row = 0; row < strip.Rows; row++)
        {
            float* own = operands.Query(sequence, query + row, head);
            operands.AddBias<TSimd, TVector>(own, operands.ContentBias(head), ContentQueries + row * paddedSize);
            operands.AddBias<TSimd, TVector>(own, operands.PositionBias(head), PositionQueries + row * paddedSize);
        }

        Multiply<TKernel>(ContentQueries, strip.Rows, keyLines, strip.FirstKey, strip.EndOfKeys, Scores);
        Multiply<TKernel>(PositionQueries, strip.Rows, distanceLines, strip.FirstDistance, operands.Shape.KeyLength, Positions);
        for (nint row = 0; row < strip.Rows; row++)
        {
            nint first = operands.First(query + row), seen = operands.Seen(query + row);
            VectorRuns.AddScaled<TSimd, TVector>(
                Scores + row * paddedLength + first, Positions + row * paddedLength + operands.Shift(query + row) + first, 1f, seen - first);
        }

        return strip;
    }

    private void Multiply<TKernel>(float* queries, nint rows, float* lines, nint first, nint end, float* products)
        where TKernel : struct, IMicroKernel
    {
        AttentionShape shape = operands.Shape;
        nint panels = AttentionStrip.PackLines(queries, AttentionStrip.PaddedSize(shape), rows, shape.HeadSize, TKernel.Rows, packedQueries);
        PanelProduct.Multiply<TKernel>(
            shape.HeadSize, packedQueries, panels, lines + first * shape.HeadSize, (end - first + TKernel.Columns - 1) / TKernel.Columns,
            shape.HeadSize, products + first, AttentionStrip.PaddedLength(shape));
    }
}

/// <summary>Some neighbouring queries, and the keys and distances that one of them sees; these begin where a tile does.</summary>
internal readonly struct RelativeStrip
{
    /// <summary>The strip that begins at a query.</summary>
    public RelativeStrip(nint query, in RelativeOperands operands)
    {
        nint last = Math.Min(query + AttentionStrip.Queries, operands.Shape.QueryLength) - 1;
        Rows = last + 1 - query;
        FirstKey = AttentionStrip.TileStart(operands.First(query));
        EndOfKeys = operands.Seen(last);
        FirstDistance = AttentionStrip.TileStart(operands.Shift(last) + operands.First(last));
    }

    /// <summary>How many queries.</summary>
    public nint Rows { get; }

    /// <summary>The first key.</summary>
    public nint FirstKey { get; }

    /// <summary>The one after the last key.</summary>
    public nint EndOfKeys { get; }

    /// <summary>The first place among distances in falling order; their end is that of all of them.</summary>
    public nint FirstDistance { get; }

    /// <summary>How many keys.</summary>
    public nint Keys => EndOfKeys - FirstKey;
}
