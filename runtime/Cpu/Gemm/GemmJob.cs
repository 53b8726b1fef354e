namespace GptGen.Cpu;

/// <summary>
/// One product whose smaller operand is packed by all workers together and read by all; the panels of the larger one are
/// claimed in groups, and packed by the worker that claims them into its second-level cache.
/// </summary>
/// <remarks>
/// Each element of the result is the sum over the blocks of depth, in order, of sums over k, in order. Neither depends on
/// who computes it or on the groups, hence the same bits for every number of threads.
/// </remarks>
internal unsafe struct GemmJob<TKernel, TSimd, TVector, TEpilogue> : IJob
    where TKernel : struct, IMicroKernel
    where TSimd : struct, ISimd<TVector>
    where TVector : unmanaged
    where TEpilogue : struct, IRangeKernel
{
    /// <summary>Rows of A that pass through the second-level cache between two panels of B.</summary>
    private const int RowsInCache = 96;

    /// <summary>Panels of the operand packed together for which it is not worth asking for the other one in advance.</summary>
    private const int FewPanels = 8;

    private WorkCounter packing;
    private WorkCounter groups;

    /// <summary>The panels' memory, and the threads.</summary>
    public required GemmWorkspace Workspace { get; init; }

    /// <summary>The left operand in panels of rows.</summary>
    public required PanelSource A { get; init; }

    /// <summary>The right operand in panels of columns.</summary>
    public required PanelSource B { get; init; }

    /// <summary>Whether A is the operand packed together.</summary>
    public required bool SharesA { get; init; }

    /// <summary>How many k.</summary>
    public required nint Depth { get; init; }

    /// <summary>How many k at a time.</summary>
    public required nint Block { get; init; }

    /// <summary>Panels in a group, at most.</summary>
    public required nint Group { get; init; }

    /// <summary>A value for each column, or null.</summary>
    public float* Bias { get; init; }

    /// <summary>The result.</summary>
    public required float* C { get; init; }

    /// <summary>Elements between rows of the result.</summary>
    public required nint Stride { get; init; }

    /// <summary>Whether to add to the result.</summary>
    public required bool Accumulate { get; init; }

    /// <summary>What is done with the result's elements.</summary>
    public required TEpilogue Epilogue { get; init; }

    /// <summary>Which of the epilogue's elements <see cref="C"/> is; negative where more is to be added to the result first.</summary>
    public required nint FirstElement { get; init; }

    private readonly PanelSource SharedSource => SharesA ? A : B;

    private readonly PanelSource OwnSource => SharesA ? B : A;

    /// <inheritdoc/>
    public void Run(int worker, int workers)
    {
        if (!SharedSource.IsPacked)
        {
            PackShared(workers);
            Workspace.Pool.Barrier(workers);
        }

        var cut = new PanelGroups(OwnSource.Panels, Group, workers);
        while (groups.TryClaim(cut.Count, out nint group))
        {
            // Workers take groups in turn, if nothing disturbs them.
            MultiplyGroup(cut, group, group + workers, Workspace.Own(worker));
            if (FirstElement >= 0 && typeof(TEpilogue) != typeof(NoEpilogue))
                Finish(cut.First(group), cut.First(group + 1), worker);
        }
    }

    private void PackShared(int workers)
    {
        PanelSource source = SharedSource;
        nint blocks = (Depth + Block - 1) / Block;
        nint run = Math.Clamp(source.Panels * blocks / (workers * 4), 1, 16);
        nint runs = (source.Panels + run - 1) / run;
        while (packing.TryClaim(runs * blocks, out nint unit))
        {
            nint depth = unit / runs * Block;
            nint count = Math.Min(Block, Depth - depth);
            nint first = unit % runs * run;
            source.Pack(first, Math.Min(source.Panels, first + run), depth, count, SharedPanel(first, depth, count));
        }
    }

    private readonly float* SharedPanel(nint panel, nint depth, nint count)
    {
        PanelSource source = SharedSource;
        return source.IsPacked ? source.PackedAt(panel, depth) : Workspace.Shared + (depth * source.Panels + panel * count) * source.Width;
    }

    private readonly void MultiplyGroup(PanelGroups cut, nint group, nint next, float* memory)
    {
        nint first = cut.First(group), last = cut.First(group + 1);
        nint tiles = (last - first) * SharedSource.Panels;
        for (nint depth = 0; depth < Depth; depth += Block)
        {
            nint count = Math.Min(Block, Depth - depth);
            float* panels = OwnSource.IsPacked ? OwnSource.PackedAt(first, depth) : memory;
            if (!OwnSource.IsPacked)
                OwnSource.Pack(first, last, depth, count, panels);
            nint deeper = depth + Block;
            // For few rows a panel is read once, as it comes: the kernel asks for what follows.
            bool streamed = OwnSource.IsPacked && SharedSource.Panels < FewPanels;
            BlockAhead ahead =
                streamed ? default
                : deeper < Depth ? OwnSource.Ahead(first, last, deeper, Math.Min(Block, Depth - deeper), tiles)
                : next < cut.Count ? OwnSource.Ahead(cut.First(next), cut.First(next + 1), 0, Math.Min(Block, Depth), tiles)
                : default;
            if (SharesA)
            {
                int step = RowsInCache / TKernel.Rows;
                for (nint panel = 0; panel < A.Panels; panel += step)
                {
                    nint end = Math.Min(A.Panels, panel + step);
                    MultiplyPanels(depth, count, SharedPanel(panel, depth, count), panel, end, panels, first, last, streamed, ref ahead);
                }
            }
            else
            {
                MultiplyPanels(depth, count, panels, first, last, SharedPanel(0, depth, count), 0, B.Panels, streamed: false, ref ahead);
            }
        }
    }

    /// <summary>The epilogue of a group's part of the result.</summary>
    private readonly void Finish(nint first, nint last, int worker)
    {
        nint start = first * OwnSource.Width, end = Math.Min(OwnSource.Lines, last * OwnSource.Width);
        nint row = SharesA ? 0 : start, lastRow = SharesA ? A.Lines : end;
        nint column = SharesA ? start : 0, width = SharesA ? end - start : B.Lines;
        if (width == Stride)
        {
            Epilogue.Run<TSimd, TVector>(FirstElement + row * Stride, FirstElement + lastRow * Stride, worker);
            return;
        }

        for (; row < lastRow; row++)
            Epilogue.Run<TSimd, TVector>(FirstElement + row * Stride + column, FirstElement + row * Stride + column + width, worker);
    }

    /// <summary>Some panels of A by some of B, in the block of <paramref name="count"/> k from <paramref name="depth"/> on.</summary>
    private readonly void MultiplyPanels(
        nint depth, nint count, float* a, nint firstA, nint lastA, float* b, nint firstB, nint lastB, bool streamed,
        ref BlockAhead ahead)
    {
        nint row = firstA * TKernel.Rows;
        nint column = firstB * TKernel.Columns;
        PackedProduct.Multiply<TKernel>(
            count,
            a,
            Math.Min(A.Lines, lastA * TKernel.Rows) - row,
            b,
            Math.Min(B.Lines, lastB * TKernel.Columns) - column,
            Bias == null || depth > 0 ? null : Bias + column,
            C + row * Stride + column,
            Stride,
            Accumulate || depth > 0,
            streamed,
            ref ahead);
    }
}
