using GptGen.Checkpoints;
using GptGen.Distributed;
using GptGen.Finetuning;
using GptGen.Models.Commands;
using GptGen.Text;

namespace GptGen.Models.Comparison;

/// <summary>Fine-tuning of one model on one task, by the same recipe for all.</summary>
/// <param name="Device">Where it computes.</param>
/// <param name="Tokenizer">The model's tokenizer.</param>
/// <param name="Seed">The seed of everything random.</param>
internal sealed record TaskRun(Device Device, Tokenizer Tokenizer, uint Seed)
{
    private const int Length = 96;

    /// <summary>Tokens of a text of which nothing is cut, two of them and their marks being read at once.</summary>
    internal const int LongestText = (Length / 2) - 2;

    private const int Examples = 32;
    private const int EvaluationsOfAnEpoch = 2;
    private const double Warmup = 0.05;

    /// <summary>The paper's rate is for a model a hundred times as large.</summary>
    internal double LearningRate { get; init; } = 5e-4;

    /// <summary>Times that the examples are read.</summary>
    internal int Epochs { get; init; } = 4;

    /// <summary>The processes that divide the work; null for one.</summary>
    internal Communicator? Others { get; init; }

    /// <summary>Told what to say on the way.</summary>
    internal Action<string> Show { get; init; } = static _ => { };

    /// <summary>The model that learns a task.</summary>
    /// <exception cref="GptGenException">The body has no head for it, or for so many labels.</exception>
    internal static TaskZooEntry Find(string body, TaskSet set) => TaskZoo.Find(body, set.Kind, set.Labels.Names.Count);

    /// <summary>The accuracy on the test examples of the weights that are best on the validation examples.</summary>
    /// <param name="body">The model.</param>
    /// <param name="set">The task.</param>
    /// <param name="weights">The folder of its pre-trained weights; null for random ones.</param>
    /// <param name="cancellation">Ends the work.</param>
    /// <exception cref="OperationCanceledException">The token asked to stop.</exception>
    internal double Accuracy(string body, TaskSet set, string? weights, CancellationToken cancellation = default)
    {
        var labels = set.Labels;
        var entry = Find(body, set);
        var options = new FinetuningOptions
        {
            Length = Length,
            Epochs = Epochs,
            Batch = set.Kind == TaskKind.MultipleChoice ? Examples / 2 : Examples,
            LearningRate = LearningRate,
            Warmup = Warmup,
            EvaluationsPerEpoch = EvaluationsOfAnEpoch,
            Seed = Seed,
            Shares = Others?.Size ?? 1,
        };
        using var model = entry.Open(
            Device, MemoryNeed.Finetuning(options.ExamplesAtOnce * entry.Head.SequencesPerExample, Length, "a machine with more memory"));
        // The first process gives its weights to the others.
        var isFirst = Others.IsFirstOrAlone();
        if (isFirst)
        {
            model.Model.Initialize(Seed);
            if (weights is not null)
                ModelCheckpoint.LoadPretrained(model, weights);
        }

        var encoder = new ExampleEncoder(model.Head, Tokenizer, labels, Length, truncate: true);
        var best = new float[model.Description.ParameterElements];
        bool wasInterrupted;
        using (var finetuner = new Finetuner(
            model, encoder.Encode(set.Training), encoder.Encode(set.Validation), labels, options, _ => model.Model.Parameters.Read(0, best), Others))
        {
            foreach (var step in finetuner.Run(cancellation))
            {
                if (step.Validation is { } metrics)
                {
                    Show(FormattableString.Invariant(
                        $"{body} {set.Name} {step.Step}/{step.Steps}: task loss {step.TaskLoss:F3}, validation {100 * metrics.Accuracy:F1} %"));
                }
            }

            wasInterrupted = finetuner.WasInterrupted;
        }

        Processes.ThrowIfStopped(Others, wasInterrupted, cancellation);
        // The first process alone was told of the best weights.
        if (isFirst)
            model.Model.Parameters.Write(0, best);
        Others?.On(Device).Broadcast(model.Model.Parameters, model.Description.ParameterElements);
        using var predictor = new TaskPredictor(model, Examples / 2, Length, labels.Names.Count) { Others = Others };
        return predictor.Evaluate(encoder.Encode(set.Test), labels, cancellation).Accuracy;
    }
}
