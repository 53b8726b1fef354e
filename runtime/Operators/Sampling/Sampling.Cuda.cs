using GptGen.Cuda.Kernels;

namespace GptGen;

public sealed partial class CudaDevice
{
    /// <summary>Vocabularies from <see cref="WideVocabulary"/> on get blocks of so many threads.</summary>
    private const int WideSamplingThreads = 1024;

    private const int NarrowSamplingThreads = 128;

    private static readonly KernelTemplate SampleTemplate = new("sampling.cu", "sampling::sample", "quads.cuh");

    /// <inheritdoc/>
    protected override void Sample(Location logits, Location draws, Location seen, Location tokens, in SamplingShape shape) =>
        Launch(
            SampleKernel(shape.Vocabulary), shape.Draws, SamplingThreads(shape.Vocabulary),
            [Address(logits), Address(draws), Address(seen), Address(tokens), shape.Limit, shape.Stride, shape.SlotWords]);

    internal static KernelKey SampleKernel(int vocabulary) => SampleTemplate.With(SamplingThreads(vocabulary));

    private static int SamplingThreads(int vocabulary) => vocabulary >= WideVocabulary ? WideSamplingThreads : NarrowSamplingThreads;
}
