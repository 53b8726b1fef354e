using System.CommandLine;
using GptGen.Checkpoints;
using GptGen.Distributed;
using GptGen.Pretraining;
using GptGen.Training;

namespace GptGen.Models.Commands;

/// <summary><c>gptgen train</c>: trains a model of the zoo on text.</summary>
internal static class TrainCommand
{
    private enum Switch
    {
        On,
        Off,
    }

    /// <summary>About three minutes of the smallest model on two cores.</summary>
    private const int DefaultSteps = 6000;

    /// <summary>Of --resume: continue where there is a checkpoint, and otherwise begin, as launchers restart a job with the same command.</summary>
    private const string Auto = "auto";

    /// <summary>Sequences of a micro-batch.</summary>
    internal const int DefaultBatch = 24;

    /// <summary>As Vaswani et al. 2017 have it.</summary>
    private const double TranslationSmoothing = 0.1;

    /// <summary>Seconds to minutes of an evaluation, however long the text; more would hardly change the loss.</summary>
    private const int DefaultValidationTokens = 1 << 20;

    /// <summary>How a step is divided, also one of fine-tuning.</summary>
    internal static Option<int> Shares() => CommonOptions.Number(
        "--shares", "Parts of a step that processes divide, on whose number the bits depend; 0 means one a process of mpirun or srun.", 0, least: 0);

    internal static Command Create()
    {
        var (defaults, pretraining) = (new TrainingOptions(), new PretrainingOptions());
        var model = CommonOptions.Model(Zoo.Default.Name);
        var weights = CommonOptions.Weights("random ones");
        var data = CommonOptions.Data();
        var pairs = CommonOptions.Pairs("Pairs of texts in the place of --data, of which the model learns to write the second for the first.");
        var tokenizer = CommonOptions.Tokenizer();
        var endOfText = CommonOptions.EndOfText();
        var steps = CommonOptions.Number("--steps", "Optimiser steps of the whole run.", DefaultSteps);
        var batch = CommonOptions.Number("--batch", "Sequences of a micro-batch.", DefaultBatch);
        var length = CommonOptions.Number("--length", "Tokens of a sequence; 0 means the model's context.", 0);
        var rate = CommonOptions.Number("--learning-rate", "Learning rate after warm-up.", 2e-3);
        var minimumRate = CommonOptions.Number(
            "--minimum-learning-rate", "Learning rate at the end, of inverse-sqrt the lowest; at most the learning rate.",
            defaults.MinimumLearningRate);
        var schedule = CommonOptions.Choice(
            "--schedule", "How the learning rate falls.", defaults.Schedule,
            static kind => kind == ScheduleKind.InverseSquareRoot ? "inverse-sqrt" : kind.ToString().ToLowerInvariant());
        var warmup = CommonOptions.Number("--warmup", "Steps of linear rise.", defaults.Warmup);
        var beta2 = CommonOptions.Number("--beta2", "AdamW's decay of the second moment.", defaults.Beta2);
        var decay = CommonOptions.Number("--weight-decay", "Decoupled weight decay, on matrices only.", defaults.WeightDecay);
        var dropout = CommonOptions.Number("--dropout", "Probability of dropping an element; the model's own without it.", defaults.Dropout);
        var smoothing = CommonOptions.Number(
            "--label-smoothing", "The share of each target that all tokens have in common; 0.1 for an encoder-decoder and 0 for others without it.",
            defaults.LabelSmoothing);
        var clip = CommonOptions.Number("--clip", "The largest gradient norm; 0 means no clipping.", defaults.Clip);
        var accumulate = CommonOptions.Number("--accumulate", "Micro-batches of a step.", defaults.Accumulate);
        var shares = Shares();
        var evaluateEvery = CommonOptions.Number("--evaluate-every", "Steps between evaluations; 0 means only at the end.", 1000);
        var patience = CommonOptions.Number(
            "--patience", "Evaluations without a lower validation loss after which the run ends; 0 means never.", defaults.Patience);
        var validationTokens = CommonOptions.Number(
            "--validation-tokens", "The most tokens that an evaluation reads of those to validate on, from their beginning; 0 means all.",
            DefaultValidationTokens);
        var saveEvery = CommonOptions.Number(
            "--save-every", "Steps between checkpoints, of which the newest two stay; 0 means only at the end.", 1000);
        var sampleEvery = CommonOptions.Number("--sample-every", "Steps between samples of text; 0 means only at the end.", 0, least: 0);
        var sampleTokens = CommonOptions.Number("--sample-tokens", "Tokens of the sample at the end; 0 means none.", 400, least: 0);
        var memory = CommonOptions.Memory();
        var masking = CommonOptions.Number("--masking", "Of a BERT model: the share of tokens that are predicted.", pretraining.MaskingRate);
        var wholeWords = new Option<bool>("--whole-words")
        {
            Description = "Of a BERT model: predict words wholly or not at all; each token by itself without it.",
        };
        var nextSentence = CommonOptions.Choice(
            "--next-sentence", "Of a BERT model: whether sequences are two texts, of which it says whether the second follows the first.", Switch.On);
        var seed = CommonOptions.Seed();
        var device = new DeviceOptions(trains: true);
        var output = new Option<string?>("--out") { Description = "The run's folder; runs/MODEL without it.", HelpName = "folder" };
        var resume = new Option<string?>("--resume")
        {
            Description = "Continue the run's newest checkpoint, or the one named, with the options that it was made with unless others are given; "
                + "auto begins where there is none.",
            Arity = ArgumentArity.ZeroOrOne,
            HelpName = "file|auto",
        };
        var tensorBoard = CommonOptions.TensorBoard();
        dropout.DefaultValueFactory = null;
        smoothing.DefaultValueFactory = null;
        var command = new Command("train", "Train a model on text.")
        {
            model, weights, data, pairs, tokenizer, endOfText, steps, batch, length, rate, minimumRate, schedule, warmup, beta2, decay, dropout,
            smoothing, clip, accumulate, shares, evaluateEvery, patience, validationTokens, saveEvery, sampleEvery, sampleTokens, memory, masking,
            wholeWords, nextSentence, seed, output, tensorBoard, resume,
        };
        device.AddTo(command);
        return command.WithWork((result, cancellation) =>
        {
            var others = Processes.Start();
            var isAuto = result.GetValue(resume) == Auto;
            if (result.IsGiven(resume) && !isAuto && result.GetValue(weights) is not null)
                throw new GptGenException("--weights begins a new run and --resume continues one: give one of them, or '--resume auto'.");
            var found = result.GetValue(weights) is { } begun ? LoadedModel.Find(result.GetValue(model), begun) : null;
            var folder = result.GetValue(output) ?? (isAuto ? null : FolderOf(result.GetValue(resume)))
                ?? (found is null
                    ? TrainingRun.DefaultFolder(result.GetValue(model) is { } given ? Zoo.Find(given) : Zoo.Default)
                    : TrainingRun.ContinuedFolder(found.Entry));
            var isResuming = isAuto
                ? IsBegun(folder, others)
                : result.IsGiven(resume);
            var checkpoint = !isResuming ? null : isAuto ? folder : result.GetValue(resume) ?? folder;
            found = isResuming ? null : found;
            using var claim = !Processes.IsFirst ? null : ModelFolder.Claim(
                folder, isResuming ? FolderUse.Resuming : FolderUse.Training, checkpoint ?? found?.Path, Note.Show);
            var record = checkpoint is null ? null : RunRecord.Read(checkpoint, others);

            // What is not given on the command line is what a resumed run was made with, or the default.
            T Value<T>(Option<T> option, Func<RunRecord, T> remembered) =>
                record is null || result.IsGiven(option) ? result.GetValue(option)! : remembered(record);
            var entry = found is not null ? found.Entry : Value(model, static record => record.Model) is { } name ? Zoo.Find(name) : Zoo.Default;
            RequireGivenFor(result, entry, ModelKind.Masked, masking, wholeWords, nextSentence);
            RequireGivenFor(result, entry, ModelKind.Language, sampleEvery, sampleTokens);
            if (entry.Kind is not (ModelKind.Segment or ModelKind.Bidirectional))
                RequireGivenFor(result, entry, ModelKind.Language, endOfText);
            var pairFile = Value(pairs, static record => record.Pairs);
            if (pairFile is not null)
                RequireNotGiven(result, entry, data, sampleEvery, sampleTokens, endOfText);
            else if (entry.Kind == ModelKind.Translation)
                throw new GptGenException($"{entry.Name} learns from pairs of texts: give a file with --pairs; 'gptgen pairs' writes one.");
            var options = new TrainingOptions
            {
                Steps = Value(steps, static record => record.Training.Steps),
                Batch = Value(batch, static record => record.Training.Batch),
                Length = Value(length, static record => record.Training.Length) is var tokens && tokens == 0 ? entry.Description.Context : tokens,
                LearningRate = Value(rate, static record => record.Training.LearningRate),
                MinimumLearningRate = Value(minimumRate, static record => record.Training.MinimumLearningRate),
                Schedule = Value(schedule, static record => record.Training.Schedule),
                Warmup = Value(warmup, static record => record.Training.Warmup),
                Beta2 = Value(beta2, static record => record.Training.Beta2),
                WeightDecay = Value(decay, static record => record.Training.WeightDecay),
                Dropout = record is null && !result.IsGiven(dropout)
                    ? entry.Description.Dropout
                    : Value(dropout, static record => record.Training.Dropout),
                LabelSmoothing = record is null && !result.IsGiven(smoothing)
                    ? (entry.Kind == ModelKind.Translation ? TranslationSmoothing : 0)
                    : Value(smoothing, static record => record.Training.LabelSmoothing),
                Clip = Value(clip, static record => record.Training.Clip),
                Accumulate = Value(accumulate, static record => record.Training.Accumulate),
                Shares = result.GetValue(shares) is > 0 and var parts ? parts : SharesOf(record, others?.Size ?? 1),
                EvaluateEvery = Value(evaluateEvery, static record => record.Training.EvaluateEvery),
                Patience = Value(patience, static record => record.Training.Patience),
                ValidationTokens = Value(validationTokens, static record => record.Training.ValidationTokens),
                SaveEvery = Value(saveEvery, static record => record.Training.SaveEvery),
                Seed = Value(seed, static record => record.Training.Seed),
            };
            var isOnCommandLine = command.Options.Where(result.IsGiven).Select(static option => option.Name).ToHashSet();
            var recipe = found is null ? null : new GivenWeights(isOnCommandLine.Contains, entry.Description);
            // A rate below the usual minimum needs no second option.
            if (recipe is not null)
                options = recipe.Complete(options);
            else if (!result.IsGiven(minimumRate))
                options = options with { MinimumLearningRate = Math.Min(options.MinimumLearningRate, options.LearningRate) };
            options.Validate(entry.Description);
            var masked = entry.Kind != ModelKind.Masked ? null : pretraining with
            {
                MaskingRate = Value(masking, static record => (record.Pretraining ?? new()).MaskingRate),
                WholeWords = Value(wholeWords, static record => (record.Pretraining ?? new()).WholeWords),
                NextSentence = Value(nextSentence, static record => (record.Pretraining ?? new()).NextSentence ? Switch.On : Switch.Off) == Switch.On,
            };
            masked?.Check(options.Length);
            var board = result.IsGiven(tensorBoard) ? result.GetValue(tensorBoard) ?? "" : record?.TensorBoard;
            var run = new TrainingRun(entry, options, folder)
            {
                Claim = claim,
                Others = others,
                Checkpoint = checkpoint,
                Weights = found?.Path,
                Recipe = recipe,
                Request = new()
                {
                    Data = Value(data, static record => record.Data) ?? [],
                    Pairs = pairFile,
                    EndOfText = Value(endOfText, static record => record.EndOfText),
                    SampleEvery = result.GetValue(sampleEvery),
                    SampleTokens = result.GetValue(sampleTokens),
                    Pretraining = masked,
                    Memory = CommonOptions.CheckedMemory(Value(memory, static record => record.Memory), entry),
                },
                TokensBefore = record?.Tokens,
                TensorBoard = board is "" ? folder : board,
            };
            run.CheckData();
            using var runDevice = device.Open(result, others);
            MemoryCheck.Require(runDevice, entry.Description, run.Need);
            var tokenizerName = Value(tokenizer, static record => record.Tokenizer);
            var text = found is not null
                ? found.OpenTokenizer(tokenizerName)
                : Texts.Tokenizer(tokenizerName ?? Texts.TokenizerOf(run.Request.Data), entry.Description);
            return run.Execute(runDevice, text, cancellation);
        });
    }

    /// <summary>Whether there is a run to continue, which the first process sees.</summary>
    private static bool IsBegun(string folder, Communicator? others)
    {
        var isBegun = Processes.IsFirst && TrainingCheckpoint.FindLatest(folder) is not null;
        return others?.Any(isBegun) ?? isBegun;
    }

    /// <summary>As many as the run had, where these processes can divide them, or else one a process.</summary>
    private static int SharesOf(RunRecord? record, int ranks) =>
        record?.Training.Shares is { } before && before % ranks == 0 && (ranks == 1 || int.IsPow2(before / ranks)) ? before : ranks;

    /// <summary>Refuses options that belong to another kind of model.</summary>
    private static void RequireGivenFor(ParseResult result, ZooEntry entry, ModelKind kind, params ReadOnlySpan<Option> options)
    {
        foreach (var option in options)
        {
            if (entry.Kind != kind && result.IsGiven(option))
            {
                throw new GptGenException(
                    $"{option.Name} belongs to {(kind == ModelKind.Masked ? "BERT" : "GPT")} models: leave it out with {entry.Name}.");
            }
        }
    }

    /// <summary>Refuses options that make no sense beside --pairs.</summary>
    private static void RequireNotGiven(ParseResult result, ZooEntry entry, params ReadOnlySpan<Option> options)
    {
        if (entry.Kind is ModelKind.Masked or ModelKind.Segment or ModelKind.Bidirectional)
        {
            throw new GptGenException(
                $"--pairs teaches to write, but {entry.Name} {Reason(entry.Kind)}: use a GPT or an "
                + "encoder-decoder model.");
        }

        static string Reason(ModelKind kind) =>
            kind == ModelKind.Masked ? "fills gaps" : kind == ModelKind.Segment ? "learns from running text" : "only reads";

        foreach (var option in options)
        {
            if (result.IsGiven(option))
                throw new GptGenException($"{option.Name} belongs to running text: leave it out with --pairs.");
        }
    }

    /// <summary>The folder of the checkpoint that is named to continue from.</summary>
    private static string? FolderOf(string? checkpoint) =>
        checkpoint is null || Directory.Exists(checkpoint) ? checkpoint : Path.GetDirectoryName(checkpoint) is { Length: > 0 } folder ? folder : ".";
}
