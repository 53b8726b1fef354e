using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using GptGen.Checkpoints;
using GptGen.Distributed;
using GptGen.Finetuning;
using GptGen.Text;
using GptGen.Training;

namespace GptGen.Models.Commands;

/// <summary>One run of <c>gptgen finetune</c>: data, progress, the best weights, the metrics, and predictions for a test file.</summary>
internal sealed class FinetuningRun(TaskKind kind, FinetuningBody body, FinetuningOptions options)
{
    private const double SecondsBetweenLines = 10;
    private const string PredictionsName = "predictions.tsv";

    /// <summary>The files that are written, of which none may be an input.</summary>
    private static readonly string[] s_files = [
        PredictionsName, FinetunedTask.FileName, "model.safetensors", "config.json", "tokenizer.json", "vocab.json", "merges.txt", "vocab.txt"];

    internal required string[] Data { get; init; }

    internal required string? Validation { get; init; }

    internal required double ValidationShare { get; init; }

    internal required string? Test { get; init; }

    internal required string[] Texts { get; init; }

    internal required string? Label { get; init; }

    internal required bool IsGraded { get; init; }

    internal required bool Truncate { get; init; }

    internal required string? Tokenizer { get; init; }

    internal required string Folder { get; init; }

    /// <summary>The processes that compute the run together; null for one.</summary>
    internal required Communicator? Others { get; init; }

    /// <summary>Where TensorBoard's event files go; null for none.</summary>
    internal string? TensorBoard { get; init; }

    private string Predictions => Path.Combine(Folder, PredictionsName);

    /// <summary>The model to begin with.</summary>
    /// <exception cref="GptGenException">There is no such model, or the weights cannot be read or fit none.</exception>
    internal static FinetuningBody FindBody(string? model, string? weights, bool fromScratch)
    {
        if (fromScratch)
            return new(model is null ? TaskZoo.DefaultBody : Zoo.Find(model), null);
        var found = LoadedModel.Find(weights is null ? model ?? TaskZoo.DefaultBody.Name : model, weights);
        return new(found.Entry, found);
    }

    /// <returns>The exit code; 128 and the signal's number when the run was interrupted.</returns>
    internal int Execute(Func<Device> open, ParseResult command, CancellationToken cancellation)
    {
        Screen.Outlive();
        using var claim = Processes.IsFirst ? ModelFolder.Claim(Folder, FolderUse.Finetuning, body.Weights?.Path, Note.Show) : null;
        OutputTarget.RequireNoInputs(Folder, s_files, [.. Data, Validation, Test]);
        options.Validate(body.Entry.Description);
        var tokenizer = Commands.Texts.Reader(body.Entry.Description, Tokenizer, () =>
            body.Weights is { } found ? found.OpenTokenizer(Tokenizer) : Commands.Texts.Tokenizer(Tokenizer, body.Entry.Description));
        var (columns, all) = ReadData();
        var (training, validation) = Validation is null
            ? ExampleSplit.Of(all, ValidationShare, options.Seed)
            : (all, TaskFile.Read(Validation, kind, columns, needsLabels: true, Note.Show));
        var targets = FindTargets(all);
        var entry = TaskZoo.Find(body.Entry.Name, kind, targets.Outputs);
        options.Validate(entry.Description);
        var encoder = new ExampleEncoder(entry.Head, tokenizer, targets, options.Length, Truncate);
        var (encoded, held) = (encoder.Encode(training), encoder.Encode(validation));
        var test = Test is null
            ? null
            : encoder.Encode(targets.PassOverUnknown(TaskFile.Read(Test, kind, columns, needsLabels: false, Note.Show), Note.Show));
        using var device = open();
        Processes.RequireAlike(Others, command, device, ("examples", () => new Fingerprint().Add([.. encoded, .. held, .. test ?? []]).Number));
        using var model = Load(entry, device);
        var task = new FinetunedTask(
            kind, entry.Description.Name, RunTokenizer.Name(tokenizer), options.Length, Truncate, columns, targets);
        Console.WriteLine(CommandLineText.Of(string.Create(
            CultureInfo.InvariantCulture,
            $"{entry.Description.Name}: {entry.Description.ParameterCount:N0} parameters, "
            + $"{(body.Weights is { } from ? $"pre-trained in '{from.Path}'" : "random at first")}; {encoded.Count:N0} examples to train on, "
            + $"{held.Count:N0} to validate on, {Describe(targets)}")));
        var isKept = false;
        using var finetuner = new Finetuner(
            model, encoded, held, targets, options, _ => isKept = Keep(claim!, model, task, tokenizer, isKept), Others);
        if (Others is not null)
            Console.WriteLine($"{Others.Size} processes, {Others.On(device).Engine}; {options.Shares} shares");
        using var hold = Interruption.Hold();
        foreach (var line in Progress(finetuner, cancellation))
            Console.WriteLine(line);
        MetricsTable.Write(Console.Out, "best on validation", finetuner.Best!);
        if (test is not null && !(Others?.Any(cancellation.IsCancellationRequested) ?? cancellation.IsCancellationRequested))
            Predict(model, targets, test, cancellation);
        Console.WriteLine($"model: {Folder}");
        // Another process may have been told to stop.
        return Interruption.ExitCode ?? (finetuner.WasInterrupted ? Interruption.Interrupted : Screen.ExitCode());
    }

    private TaskTargets FindTargets(IReadOnlyList<TaskExample> examples) => kind switch
    {
        TaskKind.TokenClassification => TagSet.Of(examples),
        TaskKind.QuestionAnswering => AnswerSpans.Of(examples),
        _ => IsGraded ? GradeScale.Of(examples) : FindLabels(examples),
    };

    /// <exception cref="GptGenException">There are too few labels, they do not number the choices, or they look like grades.</exception>
    private LabelSet FindLabels(IReadOnlyList<TaskExample> examples)
    {
        if (kind == TaskKind.MultipleChoice)
            return LabelSet.OfChoices(examples, examples[0].Texts.Count - 1, Note.Show);
        var labels = LabelSet.Of(examples, Note.Show);
        if (kind == TaskKind.Similarity && labels.Values?.Any(static value => value != Math.Floor(value)) == true)
            throw new GptGenException(
                $"The labels of column '{Label ?? "label"}' are fractional numbers ({string.Join(", ", labels.Names.Take(4))}…): "
                + "give --graded to learn them as grades, or round them to classes.");
        return labels;
    }

    private static string Describe(TaskTargets targets) => targets switch
    {
        GradeScale scale => FormattableString.Invariant($"grades of mean {scale.Mean:G4} and deviation {scale.Deviation:G4}"),
        AnswerSpans spans => $"answers{(spans.MayBeMissing ? ", or none" : "")}",
        TagSet => $"{targets.Outputs} tags",
        _ => $"{targets.Outputs} labels",
    };

    /// <summary>The examples of the files, and their columns: the task's own names, of choices as many as the first file has.</summary>
    private (TaskColumns Columns, IReadOnlyList<TaskExample> Examples) ReadData()
    {
        if (kind is TaskKind.TokenClassification or TaskKind.QuestionAnswering)
        {
            var lists = Columns(0);
            return (lists, [.. Data.SelectMany(path => TaskFile.Read(path, kind, lists, needsLabels: true, Note.Show))]);
        }

        var tables = Data.Select(static path => TaskTable.Read(path, Note.Show)).ToList();
        var columns = Columns(kind == TaskKind.MultipleChoice && Texts.Length == 0 ? tables[0].CountColumns("choice") : 0);
        return (columns, [.. tables.SelectMany(table => table.Examples(columns))]);
    }

    private TaskColumns Columns(int choices)
    {
        var otherwise = TaskColumns.Default(kind, choices);
        return new(Texts.Length > 0 ? Texts : otherwise.Texts, Label ?? otherwise.Label);
    }

    private ITaskModel Load(TaskZooEntry entry, Device device)
    {
        var model = entry.Open(
            device, MemoryNeed.Finetuning(
                options.ExamplesAtOnce * entry.Head.SequencesPerExample, options.Length, "a smaller --micro-batch, --batch or --length",
                Others?.Size ?? 1, options.Shares));
        // The first process gives its weights to the others.
        if (!Processes.IsFirst)
            return model;
        try
        {
            model.Model.Initialize(options.Seed);
            if (body.Weights is { } weights)
                ModelCheckpoint.LoadPretrained(model, weights.Path, Note.Show);
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Keeps the best weights so far. What says of the folder that it is a fine-tuned model comes last and, of a killed run, goes first: whenever
    /// this run is killed, the folder is a model that can be used, or none.
    /// </summary>
    private bool Keep(FolderClaim claim, ITaskModel model, FinetunedTask task, Tokenizer tokenizer, bool isKept)
    {
        if (!isKept)
        {
            FinetunedTask.Remove(Folder);
            tokenizer.CopyFiles(Folder);
            ModelFolder.BeginWeights(claim);
        }

        var saved = tokenizer is TextWords ? null : tokenizer;
        ModelCheckpoint.SaveWithout([], model.Model, Folder, ElementType.F32, saved, task.LabelNames);
        if (!isKept)
        {
            task.Save(Folder);
            claim.Finish();
        }

        return true;
    }

    private IEnumerable<string> Progress(Finetuner finetuner, CancellationToken cancellation)
    {
        var start = Stopwatch.GetTimestamp();
        var lastLine = 0.0;
        var smooth = new SmoothLoss();
        using var board = TensorBoard is null || !Processes.IsFirst ? null : new TensorBoardLog(TensorBoard, stepsDone: 0);
        foreach (var step in finetuner.Run(cancellation))
        {
            TryLog(board, step);
            var loss = smooth.Add(step.TaskLoss);
            var elapsed = Stopwatch.GetElapsedTime(start).TotalSeconds;
            if (step.Validation is null && step.Step > 1 && elapsed - lastLine < Math.Max(SecondsBetweenLines, elapsed / 50))
                continue;
            lastLine = elapsed;
            var left = step.Step is 1 || step.Step == step.Steps
                ? ""
                : $"  {TrainingDisplay.Duration(elapsed / step.Step * (step.Steps - step.Step))} left";
            var line = FormattableString.Invariant($"step {step.Step}/{step.Steps}  epoch {step.Epoch:F2}  task loss {loss:F3}{left}");
            yield return step.Validation is { } metrics ? $"{line}\n  validation: {MetricsTable.Line(metrics)}{(step.IsBest ? "  best" : "")}" : line;
        }

        if (finetuner.StoppedEarly)
            yield return $"stopped early: {options.Patience} evaluations without a better one";
        if (finetuner.WasInterrupted)
            yield return "interrupted: the best weights so far are kept";
    }

    /// <summary>Events that cannot be written are no reason to lose the run.</summary>
    private static void TryLog(TensorBoardLog? board, in FinetuningProgress step)
    {
        if (board is null)
            return;
        board.Add("loss/train", step.Loss);
        board.Add("loss/task", step.TaskLoss);
        if (step.Validation is { } metrics)
        {
            board.Add("loss/validation", metrics.Loss);
            if (metrics.AreCounted)
            {
                board.Add("validation/accuracy", metrics.Accuracy);
                board.Add("validation/f1", metrics.F1);
            }
        }

        try
        {
            board.WriteStep(step.Step);
        }
        catch (GptGenException error)
        {
            Screen.Lose(error.Message);
        }
    }

    /// <summary>Predicts with the best weights, which are in the folder.</summary>
    private void Predict(ITaskModel model, TaskTargets targets, IReadOnlyList<EncodedExample> test, CancellationToken cancellation)
    {
        if (Processes.IsFirst)
            ModelCheckpoint.Load(model.Model, Folder);
        Others?.On(model.Model.Device).Broadcast(model.Model.Parameters, model.Description.ParameterElements);
        using var predictor = new TaskPredictor(model, Math.Min(options.Batch, test.Count), options.Length, targets.Outputs) { Others = Others };
        var predictions = predictor.Predict(test, cancellation);
        if (!Processes.IsFirst)
            return;
        PredictionFile.Write(Predictions, PredictionFormat.Tabs, targets, test, predictions);
        if (test.All(static example => example.IsLabelled))
            MetricsTable.Write(Console.Out, $"'{Test}'", targets.Measure(test, predictions));
        Console.WriteLine($"predictions: {Predictions}");
    }
}

/// <summary>A pre-trained model that is to be fine-tuned.</summary>
/// <param name="Entry">The model.</param>
/// <param name="Weights">Its weights; null for random ones.</param>
internal sealed record FinetuningBody(ZooEntry Entry, LoadedModel? Weights);
