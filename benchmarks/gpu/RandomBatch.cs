using GptGen.Checkpoints;

namespace GptGen.Benchmarks.Gpu;

/// <summary>A training graph with one batch of random tokens, for each kind of model that the benchmarks train.</summary>
internal sealed class RandomBatch : IDisposable
{
    // As BERT is trained.
    private const double PredictedShare = 0.15;

    private readonly List<(string Name, int[] Values)> inputs = [];
    private readonly Action set;

    /// <summary>Makes the graph; every sequence has the whole length.</summary>
    public RandomBatch(Model model, int sequences, int length)
    {
        var random = new Random(1);
        int[] Draw(string name, int count, int below) => Keep(name, [.. Enumerable.Range(0, count).Select(_ => random.Next(below))]);
        int[] Keep(string name, int[] values)
        {
            inputs.Add((name, values));
            return values;
        }

        var rows = sequences * length;
        var vocabulary = model.Description.Vocabulary;
        var tokens = Draw("tokens", rows, vocabulary);
        var lengths = Keep("lengths", [.. Enumerable.Repeat(length, sequences)]);
        switch (model)
        {
            case LanguageModel language:
                var targets = Draw("targets", rows, vocabulary);
                var training = language.CreateTraining(sequences, length);
                (Graph, set) = (training, () => training.SetBatch(sequences, length, tokens, targets));
                break;
            case MaskedModel masked:
                var types = Keep("types", [.. Enumerable.Range(0, rows).Select(row => row % length < length / 2 ? 0 : 1)]);
                var predicted = Keep("predicted_rows", [.. Enumerable.Range(0, rows).Where(_ => random.NextDouble() < PredictedShare)]);
                var truth = Draw("predicted_tokens", predicted.Length, vocabulary);
                var next = Draw("next_labels", sequences, 2);
                var pretraining = masked.CreateTraining(sequences, length);
                (Graph, set) = (pretraining, () => pretraining.SetBatch(length, tokens, types, lengths, predicted, truth, next));
                break;
            default:
                throw new GptGenException($"{model.Description.Name} is trained in no way that this benchmark knows.");
        }
    }

    /// <summary>The graph.</summary>
    public TrainingGraph Graph { get; }

    /// <summary>Gives the batch to the graph.</summary>
    public void Set() => set();

    /// <summary>Writes the batch: whole numbers, as f32.</summary>
    public void Write(string path) =>
        SafetensorsWriter.Write(path, [.. inputs.Select(static input => new TensorSource(input.Name, [input.Values.Length], (first, values) =>
        {
            for (var i = 0; i < values.Length; i++)
                values[i] = input.Values[(int)first + i];
        }))]);

    public void Dispose() => Graph.Dispose();
}
