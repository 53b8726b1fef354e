using System.Runtime.CompilerServices;
using GptGen.Cuda;
using GptGen.Cuda.Driver;
using GptGen.Cuda.Kernels;

namespace GptGen;

public sealed partial class CudaDevice
{
    /// <summary>Sorted rows that a block sums up (ChunkRows in <c>embedding.cu</c>).</summary>
    private const int EmbeddingChunkRows = 32;

    // What happens to a row before it is added (the enumeration of embedding.cu).
    private const int AddedAsItIs = 0;
    private const int AddedDropped = 1;
    private const int AddedScaled = 2;

    private static readonly KernelTemplate EmbedTemplate = new("embedding.cu", "embed");
    internal static readonly KernelTemplate SumRunsTemplate = new("embedding.cu", "sumRuns");
    internal static readonly KernelTemplate JoinRunsTemplate = new("embedding.cu", "joinRuns");

    /// <inheritdoc/>
    protected override void Embed(
        Location tokens, Location positions, Location tokenTable, Location positionTable, DropoutSite dropout, Location y, int rows, int width)
    {
        if (rows == 0)
            return;
        var (token, position, to) = (Address(tokenTable), Address(positionTable), Address(y));
        var mask = new DropoutArguments(dropout);
        LaunchRows(
            EmbedTemplate.With(width, Vector(width, token, position, to), mask.Active), rows,
            [Address(tokens), Address(positions), token, position, to, rows, mask.Key, mask.Place, mask.Threshold, mask.Scale]);
    }

    /// <inheritdoc/>
    protected override void EmbedBackward(
        Location tokens, Location positions, Location dy, DropoutSite dropout, Location dTokenTable, GradientWrite tokenWrite, int tokenRows,
        Location dPositionTable, GradientWrite positionWrite, int positionRows, int rows, int width)
    {
        AddRowsByIndex(tokens, dy, dropout, 1, dTokenTable, tokenWrite, tokenRows, rows, width);
        AddRowsByIndex(positions, dy, dropout, 1, dPositionTable, positionWrite, positionRows, rows, width);
    }

    private static IEnumerable<KernelKey> EmbedKernels(OperatorUse use, PreparedModel model) =>
        from vector in Vectors(model, use.Widths[0])
        from drop in (int[])[0, 1]
        select EmbedTemplate.With(use.Widths[0], vector, drop);

    private static IEnumerable<KernelKey> EmbedBackwardKernels(OperatorUse use, PreparedModel model) =>
        AddRowsKernels(use, model, BufferRole.Gradient, AddedAsItIs, AddedDropped);

    /// <summary>The kernels of <see cref="AddRowsByIndex"/>.</summary>
    private static IEnumerable<KernelKey> AddRowsKernels(OperatorUse use, PreparedModel model, BufferRole table, params int[] changes)
    {
        foreach (var vector in QuadSizes(model, use.Widths[0]))
        {
            foreach (var change in changes)
                yield return SumRunsTemplate.With(use.Widths[0], vector, change, (int)table);
            yield return JoinRunsTemplate.With(use.Widths[0], vector, (int)table);
        }

        foreach (var kernel in RowOrderKernels)
            yield return kernel;
    }

    /// <summary>
    /// table[indices[r]] += dropout(dy[r]) or, without dropout, scale x dy[r], for all rows in their order; with <see cref="GradientWrite.Write"/>
    /// the table begins as zero.
    /// </summary>
    private void AddRowsByIndex(
        Location indices, Location dy, DropoutSite dropout, float scale, Location table, GradientWrite write, int tableRows, int rows, int width,
        [CallerMemberName] string operation = "")
    {
        var (gradient, to) = (Address(dy), Address(table));
        if (write == GradientWrite.Write)
            Clear(to, (nint)tableRows * width * ElementSize(table.Arena.Role), operation);
        if (rows == 0)
            return;
        lock (gate)
        {
            var chunks = (rows + EmbeddingChunkRows - 1) / EmbeddingChunkRows;
            var order = RowOrder.Reserve(rows);
            var memory = scratch.Take(order.Bytes + ((nint)chunks * 2 * width * sizeof(float)), operation);
            var (sortedIndices, sortedRows) = SortRows(Address(indices), rows, tableRows, order, memory, operation);
            var partials = memory + order.Bytes;
            var vector = Quads(width, gradient, to, partials);
            var mask = new DropoutArguments(dropout);
            var change = mask.Active != 0 ? AddedDropped : scale == 1 ? AddedAsItIs : AddedScaled;
            var role = (int)table.Arena.Role;
            // A thread for each pack of columns, in whole warps, which must also load the chunk's indices.
            var threads = Math.Min(BlockThreads, ((width / vector) + WarpLanes - 1) / WarpLanes * WarpLanes);
            Launch(
                SumRunsTemplate.With(width, vector, change, role), chunks, threads,
                [
                    sortedIndices, sortedRows, gradient, to, partials, rows, mask.Key, mask.Place, mask.Threshold,
                    change == AddedScaled ? scale : mask.Scale], operation);
            Launch(JoinRunsTemplate.With(width, vector, role), chunks, threads, [sortedIndices, partials, to, rows], operation);
        }
    }
}
