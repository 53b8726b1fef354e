namespace GptGen.Cpu;

/// <summary>
/// The product of two matrices, after Goto and van de Geijn, "Anatomy of High-Performance Matrix Multiplication" (2008):
/// both operands are packed into panels, in blocks that suit the caches, for a kernel that keeps a tile in registers.
/// </summary>
internal static unsafe class Gemm
{
    /// <summary>Depth of a block: a panel of B of this depth stays near the first-level cache.</summary>
    private const int BlockDepth = 384;

    /// <summary>
    /// Floats of the operand that is packed together (1.6 MB), at a time: every group reads them all, from the last-level cache as far as others
    /// leave room there.
    /// </summary>
    private const int SharedFloats = 400_000;

    /// <summary>Multiplications that make it worth waking one more thread (about two microseconds).</summary>
    private const double WorkOfAThread = 200_000;

    /// <summary>
    /// c[M, N] (= | +=) op(a)[M, K] · op(b)[K, N] + bias[N], all in rows. The result has the same bits whatever the number
    /// of threads, and each of its rows whatever the other rows are.
    /// </summary>
    /// <param name="workspace">The threads, the vector width and the memory for packed panels.</param>
    /// <param name="rows">M.</param>
    /// <param name="columns">N.</param>
    /// <param name="depth">K; with 0 the product is all zeros.</param>
    /// <param name="a">The left operand, stored [M, K], or [K, M] when transposed.</param>
    /// <param name="b">The right operand, stored [K, N], or [N, K] when transposed.</param>
    /// <param name="c">The result, which overlaps neither operand.</param>
    /// <param name="stride">Elements between the rows of c.</param>
    /// <param name="accumulate">Whether to add to c instead of overwriting it.</param>
    /// <param name="bias">A value for each column, added once, or null.</param>
    public static void Multiply(
        GemmWorkspace workspace,
        nint rows,
        nint columns,
        nint depth,
        MatrixOperand a,
        MatrixOperand b,
        float* c,
        nint stride,
        bool accumulate = false,
        float* bias = null) =>
        Multiply(workspace, rows, columns, depth, a, b, c, stride, default(NoEpilogue), accumulate, bias);

    /// <summary>
    /// The same, and then work on the result's elements: each worker does it on what it has just computed, which its caches still hold.
    /// </summary>
    /// <param name="workspace">As above.</param>
    /// <param name="rows">As above.</param>
    /// <param name="columns">As above.</param>
    /// <param name="depth">As above.</param>
    /// <param name="a">As above.</param>
    /// <param name="b">As above.</param>
    /// <param name="c">As above.</param>
    /// <param name="stride">As above; with an epilogue the number of columns, as its items are the elements, row by row.</param>
    /// <param name="epilogue">What is done once with every element.</param>
    /// <param name="accumulate">As above.</param>
    /// <param name="bias">As above.</param>
    public static void Multiply<TEpilogue>(
        GemmWorkspace workspace,
        nint rows,
        nint columns,
        nint depth,
        MatrixOperand a,
        MatrixOperand b,
        float* c,
        nint stride,
        TEpilogue epilogue,
        bool accumulate = false,
        float* bias = null)
        where TEpilogue : struct, IRangeKernel
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        ArgumentOutOfRangeException.ThrowIfNegative(columns);
        ArgumentOutOfRangeException.ThrowIfNegative(depth);
        if (rows == 0 || columns == 0)
        {
            return;
        }

        var product = new Product<TEpilogue>(workspace, rows, columns, depth, a, b, c, stride, epilogue, accumulate, bias);
        MicroKernels.Choose(workspace.Level, ref product);
    }

    /// <summary>How many k are multiplied before the next ones of some depth, the last block being the rest.</summary>
    public static nint BlockOf(nint depth)
    {
        nint blocks = Math.Max(1, (depth + BlockDepth - 1) / BlockDepth);
        return RoundUp((depth + blocks - 1) / blocks, 8);
    }

    private static nint RoundUp(nint value, int multiple) => (value + multiple - 1) / multiple * multiple;

    private readonly struct Product<TEpilogue>(
        GemmWorkspace workspace,
        nint rows,
        nint columns,
        nint depth,
        MatrixOperand a,
        MatrixOperand b,
        float* c,
        nint stride,
        TEpilogue epilogue,
        bool accumulate,
        float* bias) : IKernelAction
        where TEpilogue : struct, IRangeKernel
    {
        /// <summary>
        /// Cuts the product so that the operand packed together stays small, and runs the parts one after another. The
        /// blocks of depth depend on the depth alone.
        /// </summary>
        public void Invoke<TKernel, TSimd, TVector>()
            where TKernel : struct, IMicroKernel
            where TSimd : struct, ISimd<TVector>
            where TVector : unmanaged
        {
            if (depth == 0)
            {
                WriteEmpty();
                epilogue.Run<TSimd, TVector>(0, rows * columns, 0);
                return;
            }

            PanelSource left = a.InPanels(rows, TKernel.Rows, areRows: true);
            PanelSource right = b.InPanels(columns, TKernel.Columns, areRows: false);
            bool sharesA = columns >= rows;

            nint block = BlockOf(depth);
            nint lines = sharesA ? rows : columns;
            nint deepest = Math.Max(1, Math.Min(SharedFloats, workspace.SharedLimit) / (lines * block)) * block;
            nint partDepth = depth <= deepest * 3 / 2 ? depth : deepest;
            nint partLines = !sharesA && right.IsPacked
                ? lines
                : Math.Min(lines, RoundUp(workspace.SharedLimit / partDepth + 1, sharesA ? TKernel.Rows : TKernel.Columns));

            for (nint line = 0; line < lines; line += partLines)
            {
                nint count = Math.Min(partLines, lines - line);
                PanelSource partLeft = sharesA ? left.Slice(line, count) : left;
                PanelSource partRight = sharesA || right.IsPacked ? right : right.Slice(line, count);
                float* partC = c + (sharesA ? line * stride : line);
                float* partBias = bias == null || sharesA ? bias : bias + line;
                for (nint k = 0; k < depth; k += partDepth)
                {
                    RunPart<TKernel, TSimd, TVector>(
                        partLeft.FromDepth(k), partRight.FromDepth(k), Math.Min(partDepth, depth - k), block, sharesA,
                        partC, k > 0 ? null : partBias, accumulate || k > 0, isLast: k + partDepth >= depth);
                }
            }
        }

        private void WriteEmpty()
        {
            for (nint row = 0; row < rows; row++)
            {
                float* to = c + row * stride;
                for (nint column = 0; column < columns; column++)
                {
                    to[column] = (accumulate ? to[column] : 0f) + (bias == null ? 0f : bias[column]);
                }
            }
        }

        private void RunPart<TKernel, TSimd, TVector>(
            PanelSource left, PanelSource right, nint partDepth, nint block, bool sharesA, float* to, float* columnBias, bool add, bool isLast)
            where TKernel : struct, IMicroKernel
            where TSimd : struct, ISimd<TVector>
            where TVector : unmanaged
        {
            double work = (double)left.Lines * right.Lines * partDepth;
            int workers = (int)Math.Clamp(work / WorkOfAThread, 1, workspace.Pool.ThreadCount);
            PanelSource shared = sharesA ? left : right;
            PanelSource own = sharesA ? right : left;

            // Groups: several for each worker, so that a slow one does not keep the others waiting, but not beyond what the
            // second-level cache holds together with its counterpart.
            nint group = Math.Clamp(own.Panels / (workers * 4), 1, (sharesA ? 128 : 192) / own.Width);
            nint ownFloats = Math.Min(group, own.Panels) * own.Width * Math.Min(block, partDepth);
            workspace.Reserve(shared.IsPacked ? 0 : shared.Panels * shared.Width * partDepth, own.IsPacked ? 0 : ownFloats, workers);

            var job = new GemmJob<TKernel, TSimd, TVector, TEpilogue>
            {
                Workspace = workspace,
                A = left,
                B = right,
                SharesA = sharesA,
                Depth = partDepth,
                Block = block,
                Group = group,
                Bias = columnBias,
                C = to,
                Stride = stride,
                Accumulate = add,
                Epilogue = epilogue,
                FirstElement = isLast ? (nint)(to - c) : -1,
            };
            workspace.Pool.Run(ref job, workers);
        }
    }
}
