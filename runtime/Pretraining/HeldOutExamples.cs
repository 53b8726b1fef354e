using GptGen.RandomNumbers;

namespace GptGen.Pretraining;

/// <summary>
/// Evaluation batches of a masked language model: the documents from beginning to end, cut into sequences as long as possible, always with the same
/// masks and second texts. Not for several threads at a time.
/// </summary>
public sealed class HeldOutExamples
{
    private readonly ExampleWriter _writer;
    private readonly List<(int First, int End)> _sequences = [];
    private readonly uint _seed;

    /// <summary>Cuts the documents into sequences.</summary>
    /// <param name="documents">The documents.</param>
    /// <param name="vocabulary">The vocabulary.</param>
    /// <param name="options">What is asked for; no sequence is made shorter than it could be.</param>
    /// <param name="length">The longest sequence, T.</param>
    /// <param name="seed">The seed of the masks: numbers compare only where it is the same.</param>
    /// <param name="most">After how many tokens no sequence begins any more; 0 means that all are read.</param>
    /// <exception cref="GptGenException">An option is out of range, or the text has no second sentence.</exception>
    public HeldOutExamples(
        PretrainingDocuments documents, MaskingVocabulary vocabulary, PretrainingOptions options, int length, uint seed = 0, int most = 0)
    {
        (_writer, _seed) = (new(documents, vocabulary, options, length), seed);
        var tokens = 0;
        for (var document = 0; document < documents.Count; document++)
        {
            var (first, end) = documents.SentencesOf(document);
            while (first < end && (most == 0 || tokens < most))
            {
                var next = documents.EndOf(first, end, _writer.Pairs.MostTokens);
                _sequences.Add((first, next));
                tokens += documents.Length(first, next);
                first = next;
            }
        }
    }

    /// <summary>The longest sequence, T.</summary>
    public int Length => _writer.Length;

    /// <summary>The most predictions of a sequence, P.</summary>
    public int MaxPredictions => _writer.MaxPredictions;

    /// <summary>The number of sequences.</summary>
    public int Count => _sequences.Count;

    /// <summary>Makes the arrays of a batch.</summary>
    /// <param name="sequences">Sequences, B.</param>
    public MaskedBatch NewBatch(int sequences) => new(sequences, Length, MaxPredictions);

    /// <summary>The number of batches of some size; the last may have fewer sequences.</summary>
    /// <param name="sequences">Sequences, B.</param>
    public int BatchCount(int sequences) => (Count + sequences - 1) / sequences;

    /// <summary>Fills a batch. Allocates nothing. A sequence is masked in the same way whatever the batch's size.</summary>
    /// <param name="index">The batch, below <see cref="BatchCount"/>.</param>
    /// <param name="batch">Receives the sequences.</param>
    /// <exception cref="ArgumentException">The batch is of another length or has room for fewer predictions.</exception>
    public void Fill(int index, MaskedBatch batch)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, BatchCount(batch.Batch));
        _writer.Begin(batch);
        for (var sequence = index * batch.Batch; sequence < Count && batch.Sequences < batch.Batch; sequence++)
        {
            var words = new RandomWords(RandomStream.HeldOutExamples(_seed, (uint)sequence));
            _writer.Add(batch, _sequences[sequence].First, _sequences[sequence].End, _writer.Pairs.MostTokens, ref words);
        }

        _writer.End(batch);
    }
}
