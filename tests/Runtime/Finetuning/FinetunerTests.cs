using GptGen.Finetuning;
using GptGen.Text;
using Xunit;

namespace GptGen.Runtime.Tests.Finetuning;

/// <summary>
/// GPT-1's deviation of 0.02 belongs to its width of 768: at width 32 attention's first output is 80 times smaller than what it is added to, and the
/// language model's loss, which makes all final states alike, wins over the task. An independent float64 implementation stalls in the same way.
/// 0.02 x sqrt(768 / 32) gives products of GPT-1's size.
/// </summary>
[Gpt1(Layers = 1, Heads = 2, Width = 32, Context = 24, Vocabulary = 256, InitialDeviation = 0.1f)]
[ClassificationHead(Labels = 4)]
public sealed partial class TinyClassifier;

[Gpt2(Layers = 1, Heads = 2, Width = 32, Context = 24, Vocabulary = 256)]
[MultipleChoiceHead(Choices = 3)]
public sealed partial class TinyChooser;

[Gpt2(Layers = 1, Heads = 2, Width = 32, Context = 32, Vocabulary = 256)]
[SimilarityHead(Labels = 1)]
public sealed partial class TinyGrader;

public sealed class FinetunerTests
{
    private static readonly LabelSet Labels = new(["x", "y"]);

    [Fact]
    public void ClassesAreLearnedAndTheBestWeightsAreThoseKept()
    {
        using var device = new CpuDevice(1);
        using var model = TinyClassifier.Create(device);
        model.Initialize(1);
        var (training, validation) = (Classes(model, 0, 96), Classes(model, 96, 32));
        var best = new float[model.Description.ParameterElements];
        using var finetuner = new Finetuner(
            model, training, validation, Labels, Options with { Epochs = 12, EvaluationsPerEpoch = 2 }, _ => model.Parameters.Read(0, best));
        var steps = finetuner.Run().ToList();
        Assert.Equal(finetuner.Steps, steps.Count);
        Assert.Equal(24, steps.Count(static step => step.Validation is not null));
        Assert.True(finetuner.Best!.Accuracy > 0.95, $"accuracy {finetuner.Best.Accuracy}");

        model.Parameters.Write(0, best);
        using var predictor = new TaskPredictor(model, 5, 24, 2);
        Assert.Equal(finetuner.Best.Accuracy, predictor.Evaluate(validation, Labels).Accuracy);
        Assert.All(predictor.Predict(validation), static row => Assert.Equal(1, row.Sum(), 1e-5));
    }

    [Fact]
    public void ChoicesAreLearned()
    {
        using var device = new CpuDevice(1);
        using var model = TinyChooser.Create(device);
        model.Initialize(1);
        var labels = new LabelSet(["0", "1", "2"]);
        var encoder = new ExampleEncoder(model.Head, ByteTokenizer.Instance, labels, 24, truncate: false);
        // The answer that ends with an exclamation mark is right.
        var examples = encoder.Encode(Enumerable.Range(0, 120).Select(static i =>
            new TaskExample(
                ["say", .. Enumerable.Range(0, 3).Select(choice => $"w{i * 7 % 10}{choice}{(choice == i % 3 ? '!' : '.')}")], $"{i % 3}")));
        using var finetuner = new Finetuner(
            model, [.. examples.Take(96)], [.. examples.Skip(96)], labels, Options with { Epochs = 10 }, static _ => { });
        Assert.NotEmpty(finetuner.Run().ToList());
        Assert.True(finetuner.Best!.Accuracy > 0.9, $"accuracy {finetuner.Best.Accuracy}");
    }

    /// <summary>Grades far from 0 and apart from 1 come back on their own scale.</summary>
    [Fact]
    public void GradesAreLearned()
    {
        using var device = new CpuDevice(1);
        using var model = TinyGrader.Create(device);
        model.Initialize(1);
        // 100 and 2.5 for each b in either text.
        var examples = Enumerable.Range(0, 224).Select(static i =>
        {
            var random = new Random(i);
            string[] texts = [
                .. Enumerable.Range(0, 2).Select(_ => string.Concat(Enumerable.Range(0, 4 + (i % 3)).Select(_ => (char)('a' + random.Next(4)))))];
            return new TaskExample(
                texts, FormattableString.Invariant($"{100 + (2.5 * texts.Sum(static text => text.Count(static letter => letter == 'b')))}"));
        }).ToList();
        var scale = GradeScale.Of(examples.Take(192));
        var encoded = new ExampleEncoder(model.Head, ByteTokenizer.Instance, scale, 24, truncate: false).Encode(examples);
        IReadOnlyList<EncodedExample> training = [.. encoded.Take(192)], validation = [.. encoded.Skip(192)];
        var best = new float[model.Description.ParameterElements];
        using var finetuner = new Finetuner(model, training, validation, scale, Options with { Epochs = 12 }, _ => model.Parameters.Read(0, best));
        Assert.NotEmpty(finetuner.Run().ToList());
        Assert.True(finetuner.Best!.Pearson > 0.95, $"Pearson {finetuner.Best.Pearson}, loss {finetuner.Best.Loss}");
        Assert.True(finetuner.Best.Spearman > 0.9, $"Spearman {finetuner.Best.Spearman}");

        model.Parameters.Write(0, best);
        using var predictor = new TaskPredictor(model, 7, 24, scale.Outputs);
        Assert.Equal(finetuner.Best.Loss, predictor.Evaluate(validation, scale).Loss, 1e-4);
        var errors = predictor.Predict(validation).Zip(
            examples.Skip(192),
            (score, example) => scale.GradeOf(score[0]) - double.Parse(example.Label!, System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal(finetuner.Best.Loss, errors.Average(static error => error * error), 1e-3);
    }

    [Fact]
    public void WhatIsNoGradeIsNamed()
    {
        using var device = new CpuDevice(1);
        using var model = TinyGrader.Create(device);
        TaskExample[] examples = [new(["a", "b"], "1.5", "f.tsv, line 2"), new(["a", "b"], "high", "f.tsv, line 3")];
        Assert.Contains("f.tsv, line 3: the label 'high' is no number", Assert.Throws<GptGenException>(() => GradeScale.Of(examples)).Message);
        Assert.Contains("at least two different grades", Assert.Throws<GptGenException>(() => GradeScale.Of([examples[0]])).Message);

        var scale = new GradeScale(2, 1);
        var encoded = new ExampleEncoder(model.Head, ByteTokenizer.Instance, scale, 24, truncate: false).Encode(examples.Take(1));
        string Refusal(TaskTargets targets, FinetuningOptions options) =>
            Assert.Throws<GptGenException>(() => { new Finetuner(model, encoded, encoded, targets, options, static _ => { }).Dispose(); }).Message;
        Assert.Contains("learns grades, not labels", Refusal(Labels, Options));
        Assert.Contains("choose pearson, spearman or loss", Refusal(scale, Options with { BestBy = BestBy.F1 }));
    }

    /// <summary>A step in parts is the step as a whole, and the same seed gives the same run.</summary>
    [Fact]
    public void MicroBatchesMakeTheSameSteps()
    {
        double[] Losses(int micro)
        {
            using var device = new CpuDevice(1);
            using var model = TinyClassifier.Create(device);
            model.Initialize(1);
            using var finetuner = new Finetuner(
                model, Classes(model, 0, 40), Classes(model, 40, 8), Labels, Options with { MicroBatch = micro, Dropout = 0, Epochs = 2 },
                static _ => { });
            return [.. finetuner.Run().Select(static step => step.Loss)];
        }

        var whole = Losses(0);
        Assert.Equal(whole, Losses(0));
        Assert.All(whole.Zip(Losses(6)), static pair => Assert.Equal(pair.First, pair.Second, 1e-3));
    }

    [Fact]
    public void WithoutGainTrainingStopsEarly()
    {
        using var device = new CpuDevice(1);
        using var model = TinyClassifier.Create(device);
        model.Initialize(1);
        var kept = 0;
        using var finetuner = new Finetuner(
            model, Classes(model, 0, 32), Classes(model, 32, 8), Labels,
            Options with { Epochs = 50, LearningRate = 1e-12, Patience = 3, BestBy = BestBy.Accuracy }, _ => kept++);
        var steps = finetuner.Run().ToList();
        Assert.True(finetuner.StoppedEarly);
        Assert.InRange(steps.Count, 4 * 2, 20 * 2);
        Assert.Equal(steps.Count(static step => step.IsBest), kept);
    }

    [Fact]
    public void AStopIsEvaluatedAndEndsTheRun()
    {
        using var device = new CpuDevice(1);
        using var model = TinyClassifier.Create(device);
        using var stop = new CancellationTokenSource();
        stop.Cancel();
        using var finetuner = new Finetuner(model, Classes(model, 0, 64), Classes(model, 64, 8), Labels, Options, static _ => { });
        Assert.NotNull(Assert.Single(finetuner.Run(stop.Token)).Validation);
    }

    [Fact]
    public void TooLongExamplesAreRefusedOrCut()
    {
        using var device = new CpuDevice(1);
        using var model = TinyClassifier.Create(device);
        var example = new TaskExample(["abcdefgh"], "x", "f.tsv, line 5");
        var error = Assert.Throws<GptGenException>(
            () => new ExampleEncoder(model.Head, ByteTokenizer.Instance, Labels, 8, truncate: false).Encode(example));
        Assert.Contains("f.tsv, line 5: the example has 10 tokens", error.Message);
        Assert.Contains("or cut such examples", error.Message);
        var cut = new ExampleEncoder(model.Head, ByteTokenizer.Instance, Labels, 8, truncate: true).Encode(example);
        Assert.Equal([256, .. "abcdef"u8.ToArray().Select(static value => (int)value), 258], Assert.Single(cut.Sequences));
    }

    [Fact]
    public void OfTwoTextsTheLongerIsCut()
    {
        var head = new TaskHead(TaskKind.Entailment, 2, 0.5f, new(256));
        var sequence = Assert.Single(
            new ExampleEncoder(head, ByteTokenizer.Instance, Labels, 9, truncate: true).Encode(new TaskExample(["abcdefgh", "xyz"], "x")).Sequences);
        Assert.Equal([256, 'a', 'b', 'c', 257, 'x', 'y', 'z', 258], sequence);
    }

    [Fact]
    public void TheTaskOutlivesItsFile()
    {
        using var folder = new TemporaryFolder();
        var labels = new LabelSet(["no", "yes"]);
        var task = new FinetunedTask(TaskKind.Similarity, "Some", "bytes", 99, true, new(["a", "b"], "c"), labels);
        task.Save(folder.Path);
        var read = FinetunedTask.Load(folder.Path);
        Assert.Equal(
            (task.Kind, task.Model, task.Tokenizer, task.Length, task.Truncate, task.Columns.Label),
            (read.Kind, read.Model, read.Tokenizer, read.Length, read.Truncate, read.Columns.Label));
        Assert.Equal(task.Columns.Texts, read.Columns.Texts);
        Assert.Equal(labels.Names, Assert.IsType<LabelSet>(read.Targets).Names);
        (task with { Targets = new GradeScale(2.5, 0.75) }).Save(folder.Path);
        var grades = Assert.IsType<GradeScale>(FinetunedTask.Load(folder.Path).Targets);
        Assert.Equal((2.5, 0.75), (grades.Mean, grades.Deviation));
        folder.Write(FinetunedTask.FileName, "{}");
        Assert.Contains("is damaged", Assert.Throws<GptGenException>(() => FinetunedTask.Load(folder.Path)).Message);
    }

    private static FinetuningOptions Options => new() { Length = 24, Batch = 16, LearningRate = 5e-3, Warmup = 0.1, Epochs = 3 };

    /// <summary>Texts whose class is whether a b stands among their letters.</summary>
    private static IReadOnlyList<EncodedExample> Classes(TaskModel model, int first, int count) =>
        new ExampleEncoder(model.Head, ByteTokenizer.Instance, Labels, 24, truncate: false).Encode(Enumerable.Range(first, count).Select(static i =>
        {
            var random = new Random(i);
            var letters = Enumerable.Range(0, 4 + (i % 5)).Select(_ => (char)('c' + random.Next(8))).ToArray();
            if (i % 2 == 1)
                letters[random.Next(letters.Length)] = 'b';
            return new TaskExample([new string(letters)], i % 2 == 1 ? "y" : "x");
        }));
}
