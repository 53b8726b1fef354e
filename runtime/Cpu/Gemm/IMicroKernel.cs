namespace GptGen.Cpu;

/// <summary>The innermost part of a product: one tile of the result from packed panels of both operands.</summary>
internal unsafe interface IMicroKernel
{
    /// <summary>Rows of a tile.</summary>
    static abstract int Rows { get; }

    /// <summary>Columns of a tile.</summary>
    static abstract int Columns { get; }

    /// <summary>
    /// c[i, j] (= | +=) bias[j] + the sum over k of a[k, i] * b[k, j], with k in ascending order.
    /// </summary>
    /// <param name="depth">How many k, at least 1.</param>
    /// <param name="a">The packed panel [depth, <see cref="Rows"/>].</param>
    /// <param name="b">The packed panel [depth, <see cref="Columns"/>].</param>
    /// <param name="bias">A value for each column, or null.</param>
    /// <param name="c">The tile's first element.</param>
    /// <param name="stride">Elements between the rows of c.</param>
    /// <param name="accumulate">Whether to add to c.</param>
    /// <param name="streamed">Whether the panel of b comes from memory as it is read, so that what follows is to be asked for.</param>
    static abstract void Multiply(
        nint depth, float* a, float* b, float* bias, float* c, nint stride, bool accumulate, bool streamed = false);

    /// <summary>Some rows of a tile alone, at most <see cref="MicroKernels.MostFew"/>; the panel of a is filled up with zeros.</summary>
    static abstract void MultiplyFew(int rows, nint depth, float* a, float* b, float* bias, float* c, nint stride, bool accumulate);
}
