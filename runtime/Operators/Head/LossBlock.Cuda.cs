using GptGen.Cuda.Kernels;

namespace GptGen.Cuda;

/// <summary>How a block of <c>head.cu</c> computes the loss of a row of logits: the one place that decides it.</summary>
/// <param name="Vocabulary">Tokens that a row has logits of.</param>
/// <param name="Threads">Threads of the block.</param>
/// <param name="Packs">
/// The 16 bytes of a row that each thread keeps in registers, so that a row is read once; 0 where that is too much, or rows begin at odd places:
/// then the row is read in two passes.
/// </param>
internal readonly record struct LossBlock(int Vocabulary, int Threads, int Packs)
{
    /// <summary>
    /// The most packs that a thread keeps: with four registers each, as many as leave a block of 1,024 threads the others that it needs.
    /// </summary>
    public const int MostPacks = 8;

    /// <summary>The most threads that a multiprocessor runs at once.</summary>
    private const int ThreadsAtOnce = 2048;

    private static readonly KernelTemplate s_template = new("head.cu", "head::crossEntropy", "quads.cuh");

    /// <summary>The smallest block that keeps a row with at most so many packs a thread; without one, a block for two passes.</summary>
    /// <param name="vocabulary">Tokens that a row has logits of.</param>
    /// <param name="types">The type of the logits.</param>
    /// <param name="mostPacks">The most packs; 0 where rows do not begin at multiples of 16 bytes.</param>
    public static LossBlock Of(int vocabulary, GpuElementTypes types, int mostPacks = MostPacks)
    {
        var packsOfRow = (vocabulary * types.Size(BufferRole.Workspace) + 15) / 16;
        foreach (var threads in (ReadOnlySpan<int>)[128, 512, 1024])
        {
            var packs = (packsOfRow + threads - 1) / threads;
            if (packs <= mostPacks)
                return new(vocabulary, threads, packs);
        }

        return new(vocabulary, vocabulary >= CudaDevice.WideVocabulary ? 512 : 128, 0);
    }

    /// <summary>The kernel.</summary>
    public KernelKey Kernel(bool gradients, bool smoothed = false) =>
        s_template.With(Vocabulary, Threads, Packs, gradients ? 1 : 0, smoothed ? 1 : 0);

    /// <summary>
    /// A block has a row; those that keep one go on to the next, which they load while they compute: as many as the GPU has room for.
    /// </summary>
    public int Grid(int rows, int multiprocessors) => Packs == 0 ? rows : Math.Min(rows, multiprocessors * (ThreadsAtOnce / Threads));
}
