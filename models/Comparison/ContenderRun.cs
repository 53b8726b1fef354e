using System.Globalization;
using GptGen.Checkpoints;
using GptGen.Evaluation;
using GptGen.Finetuning;
using GptGen.Models.Commands;
using GptGen.Text;
using GptGen.Training;
using GptGen.Translation;

namespace GptGen.Models.Comparison;

/// <summary>One system's part of a comparison: pre-training, and what is measured of it. What the record has already is not done again.</summary>
internal sealed class ContenderRun(Contender contender, ComparisonRun comparison)
{
    private const int Windows = 8;

    private readonly ZooEntry entry = contender.Entry;

    private ComparisonRecord Record => comparison.Record;

    private string Folder => Path.Combine(comparison.Folder, contender.Model);

    /// <summary>Does what is left to do.</summary>
    /// <exception cref="OperationCanceledException">The token asked to stop; what is done is in the record and in checkpoints.</exception>
    internal void Run(CancellationToken cancellation)
    {
        if (Record.Find(contender.Title, Measure.TrainingMemory) is null)
            Pretrain(cancellation);
        foreach (var set in comparison.Corpus.Tasks)
        {
            var measure = Enum.Parse<Measure>(set.Name, ignoreCase: true);
            if (contender.Lack(measure) is not null || Record.Find(contender.Title, measure) is not null)
                continue;
            Set(measure, new TaskRun(comparison.Device, comparison.Corpus.Tokenizer, comparison.Settings.Seed)
            {
                Epochs = comparison.Settings.Epochs,
                Show = static line => Console.WriteLine($"  {line}"),
            }.Accuracy(contender.Model, set, Folder, cancellation));
            Record.Save(comparison.Folder);
        }
    }

    private void Pretrain(CancellationToken cancellation)
    {
        var options = contender.Options(comparison.Settings);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{contender.Title}: {contender.Model}, {entry.Description.ParameterCount:N0} parameters"));
        var (material, model, batches) = contender.Open(comparison, cancellation);
        using var ownMaterial = material;
        using var ownModel = model;
        using var ownBatches = batches;
        Train(model, batches, options, cancellation);
        Set(Measure.Parameters, entry.Description.ParameterCount);
        Predict(model, batches, cancellation);
        Choose(model, batches, cancellation);
        Set(Measure.TrainingMemory, MemoryNeed.TrainingBytes(entry.Description, contender.Batch, contender.Length) / 1e6);
        Record.Save(comparison.Folder);
    }

    private void Train(Model model, Batches batches, TrainingOptions options, CancellationToken cancellation)
    {
        using var trainer = new Trainer(batches, options, Folder);
        if (TrainingCheckpoint.FindLatest(Folder) is not null)
            trainer.Resume(Folder);
        else
            model.Initialize(options.Seed);
        var display = new TrainingDisplay(options);
        trainer.EvaluationProgress = display.ShowEvaluation;
        display.Show(trainer.StepsDone, () =>
        {
            foreach (var step in trainer.Run(cancellation))
                display.Add(step);
        });
        cancellation.ThrowIfCancellationRequested();
    }

    /// <summary>How well it predicts text that training did not see.</summary>
    private void Predict(Model model, Batches batches, CancellationToken cancellation)
    {
        if (entry.Kind == ModelKind.Masked)
        {
            var metrics = batches.Evaluate(cancellation).Metrics;
            Record.Remarks[contender.Title] =
                $"of masked tokens: {string.Join(", ", metrics.Select(
                    static metric => string.Create(CultureInfo.InvariantCulture, $"{metric.Name.Replace('_', ' ')} {metric.Value:F3}")))}";
        }

        if (contender.Lack(Measure.BitsPerByte) is not null)
            return;
        using var tokens = TokenSource.FromMemory(comparison.Corpus.Tokenizer.Encode(comparison.Corpus.HeldOut));
        var predicted = Likelihood(model, tokens, Contender.Memory, cancellation);
        Set(Measure.PerplexityPerByte, predicted.PerplexityPer(comparison.Corpus.HeldOutBytes));
        Set(Measure.BitsPerByte, Bits(predicted));
        if (entry.Kind == ModelKind.Segment)
        {
            Record.Remarks[contender.Title] = string.Create(
                CultureInfo.InvariantCulture,
                $"bits a byte without its memory of {Contender.Memory} rows: {Bits(Likelihood(model, tokens, 0, cancellation)):F3}");
        }
    }

    private double Bits(PredictedTokens predicted) => Math.Log2(predicted.PerplexityPer(comparison.Corpus.HeldOutBytes));

    private PredictedTokens Likelihood(Model model, TokenSource tokens, int memory, CancellationToken cancellation)
    {
        if (model is LanguageModel language)
            return TextPerplexity.Evaluate(language, tokens, Windows, language.Description.Context / 2, cancellation).Last();
        // One stream, so that what is carried on is what stands before.
        if (model is BidirectionalModel directed)
        {
            using var directions = directed.CreateTraining(1, contender.Length);
            var both = new BidirectionalEvaluator(directions, tokens, 1, contender.Length).Predict(cancellation);
            Record.Remarks[contender.Title] = string.Create(
                CultureInfo.InvariantCulture,
                $"bits a byte forward {Bits(both.Forward):F3}, backward {Bits(both.Backward):F3}; the table has their mean");
            return new(both.Forward.Count, (both.Forward.LogLikelihood + both.Backward.LogLikelihood) / 2);
        }

        var segments = (SegmentModel)model;
        using var graph = segments.CreateTraining(1, contender.Length);
        return new SegmentEvaluator(graph, tokens, 1, contender.Length, memory).Evaluate(cancellation: cancellation).Last();
    }

    /// <summary>What likelihood alone decides.</summary>
    private void Choose(Model model, Batches batches, CancellationToken cancellation)
    {
        var tokenizer = comparison.Corpus.Tokenizer;
        foreach (var set in comparison.Corpus.Tasks)
        {
            if (set.Kind == TaskKind.MultipleChoice && batches is PairBatches pairs)
                Set(Measure.Choice, Likelihoods.Choice(pairs, tokenizer, set, cancellation));
            if (model is not LanguageModel language)
                continue;
            if (set.Kind == TaskKind.MultipleChoice)
                Set(Measure.ZeroShotChoice, Likelihoods.Choice(language, tokenizer, set, cancellation));
            if (set.Kind == TaskKind.Entailment && Likelihoods.HasYesAndNo(set))
                Set(Measure.ZeroShotEntailment, Likelihoods.Entailment(language, tokenizer, set, cancellation));
        }
    }

    private void Set(Measure measure, double number) => Record.Set(contender.Title, measure, number);
}
