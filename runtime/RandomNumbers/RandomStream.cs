using System.Runtime.InteropServices;

namespace GptGen.RandomNumbers;

/// <summary>
/// A sequence of random words that is addressed by element index: word e is word e mod 4 of the Philox block e / 4.
/// This is the one place that says which words go where, for every device:
/// <code>
/// key      word 0  seed
///          word 1  training step
/// counter  word 0  element index / 4, low 32 bits
///          word 1  element index / 4, high 32 bits
///          word 2  place: (layer &lt;&lt; 16 | site) for dropout, the parameter's number for initial values, the sequence for sampling and examples
///          word 3  (purpose &lt;&lt; 24 | micro-batch)
/// </code>
/// </summary>
public readonly record struct RandomStream
{
    private enum Purpose : uint
    {
        Dropout = 0,
        InitialValues = 1,
        Batches = 2,
        Sampling = 3,
        Examples = 4,
        HeldOutExamples = 5,
        Candidates = 6,
    }

    /// <summary>The number of micro-batches that counter word 3 can tell apart.</summary>
    public const int MaximumMicroBatches = 1 << 24;

    private RandomStream(Purpose purpose, uint seed, uint step, uint place, int microBatch)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(microBatch);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(microBatch, MaximumMicroBatches);
        Key = (ulong)step << 32 | seed;
        Place = place;
        Variant = (uint)purpose << 24 | (uint)microBatch;
    }

    /// <summary>Both key words; word 0, the seed, is the low half.</summary>
    public ulong Key { get; }

    /// <summary>Counter word 2.</summary>
    public uint Place { get; }

    /// <summary>Counter word 3.</summary>
    public uint Variant { get; }

    /// <summary>The words that decide which elements one dropout keeps.</summary>
    /// <param name="seed">The run's seed.</param>
    /// <param name="step">The training step.</param>
    /// <param name="microBatch">The micro-batch within the step.</param>
    /// <param name="layer">The layer; sites outside the layers use 0 and a site of their own.</param>
    /// <param name="site">Which dropout of the layer it is.</param>
    public static RandomStream Dropout(uint seed, uint step, int microBatch, ushort layer, ushort site) =>
        new(Purpose.Dropout, seed, step, (uint)layer << 16 | site, microBatch);

    /// <summary>The words of one parameter's initial values.</summary>
    /// <param name="seed">The run's seed.</param>
    /// <param name="parameter">The parameter's number in the model's list.</param>
    public static RandomStream InitialValues(uint seed, uint parameter) => new(Purpose.InitialValues, seed, 0, parameter, 0);

    /// <summary>The words that choose the windows of one training batch.</summary>
    /// <param name="seed">The run's seed.</param>
    /// <param name="step">The training step.</param>
    /// <param name="microBatch">The micro-batch within the step.</param>
    public static RandomStream Batches(uint seed, uint step, int microBatch) => new(Purpose.Batches, seed, step, 0, microBatch);

    /// <summary>The words that choose the tokens of one generated sequence.</summary>
    /// <param name="seed">The generation's seed.</param>
    /// <param name="sequence">The sequence within the generation.</param>
    public static RandomStream Sampling(uint seed, uint sequence) => new(Purpose.Sampling, seed, 0, sequence, 0);

    /// <summary>The words that choose and mask one sequence of a masked model's training batch.</summary>
    /// <param name="seed">The run's seed.</param>
    /// <param name="step">The training step.</param>
    /// <param name="microBatch">The micro-batch within the step.</param>
    /// <param name="sequence">The sequence within the micro-batch.</param>
    public static RandomStream Examples(uint seed, uint step, int microBatch, uint sequence) =>
        new(Purpose.Examples, seed, step, sequence, microBatch);

    /// <summary>The words that mask one sequence of those that a masked model is evaluated on.</summary>
    /// <param name="seed">The seed of the masks.</param>
    /// <param name="sequence">The sequence.</param>
    public static RandomStream HeldOutExamples(uint seed, uint sequence) => new(Purpose.HeldOutExamples, seed, 0, sequence, 0);

    /// <summary>The words that choose the tokens of a sampled softmax.</summary>
    /// <param name="seed">The run's seed.</param>
    /// <param name="step">The training step.</param>
    /// <param name="microBatch">The micro-batch within the step.</param>
    public static RandomStream Candidates(uint seed, uint step, int microBatch) => new(Purpose.Candidates, seed, step, 0, microBatch);

    /// <summary>The Philox block that holds elements 4·<paramref name="index"/> to 4·<paramref name="index"/> + 3.</summary>
    /// <param name="index">The block's index.</param>
    public Words4 Block(ulong index) => Philox.Block(Key, new Words4((uint)index, (uint)(index >> 32), Place, Variant));

    /// <summary>The word of one element.</summary>
    /// <param name="element">The element's index.</param>
    public uint Word(ulong element)
    {
        var (x, y, z, w) = Block(element / Philox.WordsPerBlock);
        return (element % Philox.WordsPerBlock) switch { 0 => x, 1 => y, 2 => z, _ => w };
    }

    /// <summary>The words of consecutive elements.</summary>
    /// <param name="first">Index of the first element; any index, though multiples of four are fastest.</param>
    /// <param name="destination">Receives one word an element.</param>
    public void Fill(ulong first, Span<uint> destination)
    {
        while (!destination.IsEmpty && first % Philox.WordsPerBlock != 0)
        {
            destination[0] = Word(first++);
            destination = destination[1..];
        }

        Philox.Fill(Key, first / Philox.WordsPerBlock, Place, Variant, destination);
    }

    /// <summary>Uniform values in [0, 1), multiples of 2^-24, one word each.</summary>
    /// <param name="first">Index of the first element.</param>
    /// <param name="destination">Receives the values.</param>
    public void FillUniform(ulong first, Span<float> destination)
    {
        var words = MemoryMarshal.Cast<float, uint>(destination);
        Fill(first, words);
        for (var i = 0; i < destination.Length; i++)
            destination[i] = (words[i] >> 8) * (1f / (1 << 24));
    }

    /// <summary>
    /// Normally distributed values by the method of Box and Muller: a block's words 0 and 1 give its elements 0 and 1, words 2
    /// and 3 the other two. The value of an element depends on its index alone, so ranges may be filled in any order.
    /// </summary>
    /// <param name="first">Index of the first element.</param>
    /// <param name="destination">Receives the values.</param>
    /// <param name="mean">The distribution's mean.</param>
    /// <param name="deviation">The distribution's standard deviation.</param>
    public void FillNormal(ulong first, Span<float> destination, double mean, double deviation)
    {
        for (var i = 0; i < destination.Length;)
        {
            var (index, lane) = Math.DivRem(first + (ulong)i, 2);
            var (x, y, z, w) = Block(index / 2);
            var (cosine, sine) = index % 2 == 0 ? NormalPair(x, y) : NormalPair(z, w);
            if (lane == 0)
                destination[i++] = (float)(mean + deviation * cosine);
            if (i < destination.Length && (first + (ulong)i) % 2 == 1)
                destination[i++] = (float)(mean + deviation * sine);
        }
    }

    private static (double Cosine, double Sine) NormalPair(uint radiusWord, uint angleWord)
    {
        const double Unit = 1.0 / (1UL << 32);
        // The half keeps the logarithm finite; the largest value is then 6.76 deviations.
        var radius = Math.Sqrt(-2 * Math.Log((radiusWord + 0.5) * Unit));
        var (sine, cosine) = Math.SinCos(2 * Math.PI * (angleWord * Unit));
        return (radius * cosine, radius * sine);
    }
}
