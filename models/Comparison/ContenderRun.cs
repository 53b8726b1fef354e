using System.Globalization;
using GptGen.Checkpoints;
using GptGen.Distributed;
using GptGen.Evaluation;
using GptGen.Finetuning;
using GptGen.Models.Commands;
using GptGen.Pretraining;
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

    private Communicator? Others => comparison.Others;

    private string Folder => Path.Combine(comparison.Folder, contender.Model);

    /// <summary>Does what is left to do.</summary>
    /// <exception cref="OperationCanceledException">The token asked to stop; what is done is in the record and in checkpoints.</exception>
    internal void Run(CancellationToken cancellation)
    {
        if (Record.Find(contender.Title, Measure.Parameters) is null)
            Pretrain(cancellation);
        foreach (var set in comparison.Tasks)
        {
            if (!contender.IsFinetuned || Record.Find(contender.Title, set.Measure) is not null)
                continue;
            var run = new TaskRun(comparison.Device, comparison.Corpus.Tokenizer, Record.Settings.Seed)
            {
                Others = Others,
                LearningRate = contender.TaskLearningRate,
                Epochs = Record.Settings.Epochs,
                Show = static line => Screen.People.WriteLine($"  {line}"),
            };
            Set(set.Measure, run.Accuracy(contender.Model, set, Folder, cancellation));
            comparison.Save();
        }
    }

    private void Pretrain(CancellationToken cancellation)
    {
        var options = contender.Options(Record.Settings, Others);
        Screen.People.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{contender.Title}: {contender.Model}, {entry.Description.ParameterCount:N0} parameters, seed {options.Seed}"));
        var (material, model, batches) = contender.Open(comparison, cancellation);
        using var ownMaterial = material;
        using var ownModel = model;
        using var ownBatches = batches;
        Train(model, batches, options, cancellation);
        Record.Remarks[contender.Title] = [];
        if (Others is not null)
            Remark($"trained by {Others.Size} processes");
        Predict(model, batches, cancellation);
        Choose(model, batches, cancellation);
        var memory = DeviceMemory.Of(comparison.Device);
        Set(Measure.TrainingMemory, MemoryNeed.TrainingBytes(entry.Description, contender.Batch, contender.Length, memory, contender.Memory) / 1e6);
        Set(Measure.Parameters, entry.Description.ParameterCount);
        comparison.Save();
    }

    private void Train(Model model, Batches batches, TrainingOptions options, CancellationToken cancellation)
    {
        using var trainer = new Trainer(batches, options, Folder, communicator: Others);
        var isBegun = comparison.IsFirst && TrainingCheckpoint.FindLatest(Folder) is not null;
        if (Others?.Any(isBegun) ?? isBegun)
            trainer.Resume(Folder);
        else if (comparison.IsFirst)
            model.Initialize(options.Seed);
        var display = new TrainingDisplay(options);
        trainer.EvaluationProgress = display.ShowEvaluation;
        display.Show(trainer.StepsDone, () =>
        {
            foreach (var step in trainer.Run(cancellation))
                display.Add(step);
        });
        Processes.ThrowIfStopped(Others, trainer.WasInterrupted, cancellation);
    }

    /// <summary>How well it predicts text that training did not see.</summary>
    private void Predict(Model model, Batches batches, CancellationToken cancellation)
    {
        using var tokens = TokenSource.FromMemory(comparison.Corpus.Tokenizer.Encode(comparison.Corpus.HeldOut));
        switch (model)
        {
            case LanguageModel language:
                Set(TextPerplexity.Evaluate(
                    language, tokens, Windows, language.Description.Context / 2, unscored: null, Others, cancellation).Last());
                break;
            case SegmentModel segments:
                Set(Read(segments, tokens, contender.Memory, cancellation));
                var (segment, nothing) = (Read(segments, tokens, contender.Length, cancellation), Read(segments, tokens, 0, cancellation));
                Remark($"with a memory of {contender.Length} rows {Bits(segment):F3} bits a byte, with none {Bits(nothing):F3}");
                break;
            case BidirectionalModel directed:
                using (var graph = directed.CreateTraining(1, contender.Length))
                {
                    var both = new BidirectionalEvaluator(graph, tokens, 1, contender.Length).Predict(Others, cancellation, progress: null);
                    Set(new(both.Forward.Count, (both.Forward.LogLikelihood + both.Backward.LogLikelihood) / 2));
                    Remark($"forward {Bits(both.Forward):F3} bits a byte, backward {Bits(both.Backward):F3}; the table has their mean");
                }

                break;
            case MaskedModel:
                FillGaps((MaskedBatches)batches, cancellation);
                break;
        }
    }

    /// <summary>Of the same text, always with the same masks; whether one half follows the other where there are two.</summary>
    private void FillGaps(MaskedBatches batches, CancellationToken cancellation)
    {
        var corpus = comparison.Corpus;
        var documents = PretrainingDocuments.FromText(TextCorpus.FromText("the text to measure on", corpus.HeldOut), corpus.Tokenizer, cancellation);
        var options = new PretrainingOptions { NextSentence = documents.SentenceCount > 1 };
        var vocabulary = MaskingVocabulary.Of(WordPieceTokenizer.Require(corpus.Tokenizer));
        var examples = new HeldOutExamples(documents, vocabulary, options, contender.Length);
        var evaluator = new MaskedEvaluator(batches.Graph, examples, batches.Graph.SequenceCapacity, options.NextSentence);
        var results = evaluator.Evaluate(Others, cancellation);
        Remark(
            $"of {results.Predictions:N0} masked tokens of the text to measure on {100 * results.MaskedAccuracy:F1} % are its first choice");
        Remark($"its pseudo-perplexity there is {results.PseudoPerplexity:F1} a masked token");
        if (options.NextSentence)
            Remark($"of {results.Pairs:N0} pairs of texts it tells {100 * results.NextAccuracy:F1} % right, whether the second follows the first");
    }

    /// <summary>One stream, so that what is carried on is what stands before.</summary>
    private PredictedTokens Read(SegmentModel model, TokenSource tokens, int memory, CancellationToken cancellation)
    {
        using var graph = model.CreateTraining(1, contender.Length);
        return new SegmentEvaluator(graph, tokens, 1, contender.Length, memory).Evaluate(Others, unscored: null, cancellation).Last();
    }

    /// <summary>What likelihood alone decides.</summary>
    private void Choose(Model model, Batches batches, CancellationToken cancellation)
    {
        var tokenizer = comparison.Corpus.Tokenizer;
        foreach (var set in comparison.Tasks)
        {
            if (set.Kind == TaskKind.MultipleChoice && batches is PairBatches pairs)
                Set(Measure.Choice, Likelihoods.Choice(pairs, tokenizer, set, cancellation));
            if (model is not LanguageModel language)
                continue;
            if (set.Kind == TaskKind.MultipleChoice)
                Set(Measure.ZeroShotChoice, Likelihoods.Choice(language, tokenizer, set, Others, cancellation));
            if (set.Kind == TaskKind.Entailment && Likelihoods.HasYesAndNo(set))
                Set(Measure.ZeroShotEntailment, Likelihoods.Entailment(language, tokenizer, set, Others, cancellation));
        }
    }

    private double Bits(PredictedTokens predicted) => Math.Log2(predicted.PerplexityPer(Record.HeldOutBytes));

    private void Set(PredictedTokens predicted)
    {
        Set(Measure.PerplexityPerByte, predicted.PerplexityPer(Record.HeldOutBytes));
        Set(Measure.BitsPerByte, Bits(predicted));
    }

    private void Set(Measure measure, double number) => Record.Set(contender.Title, measure, number);

    private void Remark(FormattableString remark) => Record.Remarks[contender.Title].Add(FormattableString.Invariant(remark));
}
