using GptGen.RandomNumbers;

namespace GptGen.Pretraining;

/// <summary>
/// Training batches of a masked language model. Which sequences a batch holds, and what of them is masked, follows from seed, step and micro-batch
/// alone, so there is no state to save, and a run that resumes at a step continues exactly. Not for several threads at a time.
/// </summary>
public sealed class MaskedExamples
{
    private readonly ExampleWriter _writer;
    private readonly uint _seed;

    /// <summary>Creates the sampler.</summary>
    /// <param name="documents">The documents.</param>
    /// <param name="vocabulary">The vocabulary.</param>
    /// <param name="options">What is asked for.</param>
    /// <param name="length">The longest sequence, T.</param>
    /// <param name="seed">The run's seed.</param>
    /// <exception cref="GptGenException">An option is out of range, or the text has no second sentence.</exception>
    public MaskedExamples(PretrainingDocuments documents, MaskingVocabulary vocabulary, PretrainingOptions options, int length, uint seed) =>
        (_writer, _seed) = (new(documents, vocabulary, options, length), seed);

    /// <summary>The longest sequence, T.</summary>
    public int Length => _writer.Length;

    /// <summary>The most predictions of a sequence, P.</summary>
    public int MaxPredictions => _writer.MaxPredictions;

    /// <summary>Makes the arrays of a batch.</summary>
    /// <param name="sequences">Sequences, B.</param>
    public MaskedBatch NewBatch(int sequences) => new(sequences, Length, MaxPredictions);

    /// <summary>Fills a batch. Allocates nothing.</summary>
    /// <param name="step">The training step.</param>
    /// <param name="microBatch">The micro-batch within the step.</param>
    /// <param name="batch">Receives as many sequences as it has room for.</param>
    /// <exception cref="ArgumentException">The batch is of another length or has room for fewer predictions.</exception>
    public void Fill(uint step, int microBatch, MaskedBatch batch)
    {
        _writer.Begin(batch);
        for (var row = 0; row < batch.Batch; row++)
        {
            var words = new RandomWords(RandomStream.Examples(_seed, step, microBatch, (uint)row));
            var (first, end, target) = _writer.Pairs.Choose(ref words);
            _writer.Add(batch, first, end, target, ref words);
        }

        _writer.End(batch);
    }
}
