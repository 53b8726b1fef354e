namespace GptGen.Benchmarks;

/// <summary>
/// A batch of random tokens for each kind of model that benchmarks train, the same whoever asks for it; every sequence has the whole length. Segments
/// go on from memories as long as they are. Peers take the inputs by name.
/// </summary>
internal sealed class RandomBatch : IDisposable
{
    // As BERT is trained.
    private const double PredictedShare = 0.15;

    private readonly Dictionary<string, int[]> inputs = [];
    private readonly Random random = new(1);
    private IDisposable? carried;

    /// <summary>Draws the batch.</summary>
    /// <exception cref="GptGenException">The model is of a kind that no benchmark trains.</exception>
    public RandomBatch(Model model, int sequences, int length)
    {
        (Sequences, Length) = (sequences, length);
        var rows = sequences * length;
        var vocabulary = model.Description.Vocabulary;
        var tokens = Draw("tokens", rows, vocabulary);
        var lengths = Keep("lengths", Enumerable.Repeat(length, sequences));
        switch (model)
        {
            case LanguageModel:
                var targets = Draw("targets", rows, vocabulary);
                Set = graph => ((LanguageTrainingGraph)graph).SetBatch(sequences, length, tokens, targets);
                break;
            case MaskedModel:
                var types = Keep("types", Enumerable.Range(0, rows).Select(row => row % length < length / 2 ? 0 : 1));
                var predicted = Keep("predicted_rows", Enumerable.Range(0, rows).Where(_ => random.NextDouble() < PredictedShare));
                var truth = Draw("predicted_tokens", predicted.Length, vocabulary);
                var next = Draw("next_labels", sequences, 2);
                Set = graph => ((MaskedTrainingGraph)graph).SetBatch(length, tokens, types, lengths, predicted, truth, next);
                break;
            case TranslationModel:
                var source = Draw("source", rows, vocabulary);
                var labels = Draw("targets", rows, vocabulary);
                Set = graph => ((TranslationTrainingGraph)graph).SetBatch(length, source, lengths, length, tokens, labels, lengths);
                break;
            case SegmentModel segment:
                var segmentTargets = Draw("targets", rows, vocabulary);
                var memory = segment.CreateMemory(sequences, length);
                memory.Reset(zeroRows: length);
                carried = memory;
                Set = graph => ((SegmentTrainingGraph)graph).SetBatch(memory, sequences, length, tokens, segmentTargets);
                break;
            case BidirectionalModel bidirectional:
                int[] read = [.. tokens, .. Draw("tokens_backward", rows, vocabulary)];
                var predictions = Draw("targets", 2 * rows, vocabulary);
                var state = bidirectional.CreateState(sequences);
                carried = state;
                Set = graph => ((BidirectionalTrainingGraph)graph).SetBatch(state, sequences, length, read, predictions);
                break;
            default:
                throw new GptGenException($"{model.Description.Name} is trained in no way that this benchmark knows.");
        }
    }

    /// <summary>Sequences of the batch.</summary>
    public int Sequences { get; }

    /// <summary>Tokens of each.</summary>
    public int Length { get; }

    /// <summary>All inputs, by name.</summary>
    public IReadOnlyDictionary<string, int[]> Inputs => inputs;

    /// <summary>Gives the batch to a graph of the model.</summary>
    public Action<TrainingGraph> Set { get; }

    /// <summary>A graph for it.</summary>
    public TrainingGraph CreateGraph(Model model) => model switch
    {
        LanguageModel language => language.CreateTraining(Sequences, Length),
        MaskedModel masked => masked.CreateTraining(Sequences, Length),
        SegmentModel segment => segment.CreateTraining(Sequences, Length),
        BidirectionalModel bidirectional => bidirectional.CreateTraining(Sequences, Length),
        _ => ((TranslationModel)model).CreateTraining(Sequences, Length),
    };

    /// <inheritdoc/>
    public void Dispose() => carried?.Dispose();

    private int[] Draw(string name, int count, int below) => Keep(name, Enumerable.Range(0, count).Select(_ => random.Next(below)));

    private int[] Keep(string name, IEnumerable<int> values) => inputs[name] = [.. values];
}
