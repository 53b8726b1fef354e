using GptGen.Reference;
using Xunit;

namespace GptGen.Runtime.Tests.Models;

/// <summary>Whole models with each kind of task head, on every family's bodies.</summary>
public class TaskVariantTests
{
    public static TheoryData<string, float> NamesAndDropout
    {
        get
        {
            var data = new TheoryData<string, float>();
            foreach (var name in TaskModels.Names)
            {
                data.Add(name, 0);
                data.Add(name, 0.2f);
            }

            return data;
        }
    }

    /// <summary>Those in which what is made of an example does not depend on those beside it.</summary>
    public static TheoryData<string> Names => [.. TaskModels.Names.Where(static name => name != nameof(NormalizedClassifier))];

    public static TheoryData<string> LanguageNames => [.. TaskModels.LanguageNames];

    [Theory]
    [MemberData(nameof(NamesAndDropout))]
    public void GradientsAreCentralDifferences(string name, float dropout)
    {
        using var device = new ReferenceDevice();
        using var model = TaskModels.Create(name, device);
        using var training = Begin(model, dropout);
        CentralDifferences.Check(training, () => LossOf(training));
    }

    [Theory]
    [MemberData(nameof(NamesAndDropout))]
    public void TheCpuAgreesWithTheReference(string name, float dropout)
    {
        using var device = new ReferenceDevice();
        using var model = TaskModels.Create(name, device);
        using var training = Begin(model, dropout);
        training.Forward();
        training.Backward(accumulate: false);
        using var cpu = new CpuDevice(2);
        using var cpuModel = TaskModels.Create(name, cpu);
        using var cpuTraining = Begin(cpuModel, dropout);
        cpuTraining.Forward();
        cpuTraining.Loss();
        Assert.Equal(training.ReadLoss(), cpuTraining.ReadLoss(), 1e-5);
        cpuTraining.Backward(accumulate: false);
        Assert.Equal(training.ReadLoss(), cpuTraining.ReadLoss(), 1e-5);
        Variants.Close(model.Model, training.Gradients, cpuTraining.Gradients, 1e-4);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void MicroBatchesAddUpToOneBatch(string name)
    {
        using var device = new CpuDevice(2);
        using var model = TaskModels.Create(name, device);
        using var whole = Begin(model, 0);
        whole.Forward();
        whole.Backward(accumulate: false);
        using var parts = Create(model);
        var loss = 0.0;
        foreach (var (first, count) in new[] { (0, 2), (2, 1) })
        {
            new TaskBatch(model, first, count).Set(parts, averageOver: new TaskBatch(model).AverageOver);
            parts.Forward();
            parts.Backward(accumulate: first > 0);
            loss += parts.ReadLoss();
        }

        Assert.Equal(whole.ReadLoss(), loss, 1e-5);
        Variants.Close(model.Model, whole.Gradients, parts.Gradients, 1e-5);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void ScoringSaysWhatTrainingSays(string name)
    {
        using var device = new CpuDevice(2);
        using var model = TaskModels.Create(name, device);
        using var training = Begin(model, 0);
        training.Forward();
        var batch = new TaskBatch(model);
        var scoresPerExample = batch.ScoreRows / TaskModels.Examples * model.Head.Classes;
        var expected = new float[TaskModels.Examples * scoresPerExample];
        ((ITaskTraining)training).ReadScores(expected);
        using var scoring = model.CreateScoring(10, TaskModels.Length + 1);
        // One example at a time, after all of them: nothing of the larger call may be left.
        var actual = new float[expected.Length];
        scoring.Score(TaskModels.Length, batch.Tokens, batch.TokenTypes, batch.Lengths, batch.Rows);
        for (var example = 0; example < TaskModels.Examples; example++)
        {
            var one = new TaskBatch(model, example, 1);
            scoring.Score(TaskModels.Length, one.Tokens, one.TokenTypes, one.Lengths, one.Rows);
            scoring.ReadScores(actual.AsSpan(example * scoresPerExample, scoresPerExample));
        }

        Assert.All(
            Enumerable.Range(0, expected.Length).Where(index => !IsPadding(index)),
            index => Assert.Equal(expected[index], actual[index], 1e-5));
        bool IsPadding(int index) => batch.ScoreRows == batch.Tokens.Length
            && index / model.Head.Classes % TaskModels.Length >= batch.Lengths[index / model.Head.Classes / TaskModels.Length];
        Assert.True(expected.Distinct().Count() > 2);
    }

    /// <summary>Before fine-tuning, the same class is trained on plain text.</summary>
    [Theory]
    [MemberData(nameof(LanguageNames))]
    public void PlainTextDoesNotTouchTheHead(string name)
    {
        using var device = new CpuDevice(2);
        using var model = TaskModels.CreateLanguage(name, device);
        using var training = (TaskTrainingGraph)Begin(model, 0);
        training.Forward();
        training.Backward(accumulate: false);
        var tokens = Variants.Tokens(model, 1, 2 * TaskModels.Length);
        training.SetBatch(2, TaskModels.Length, tokens, tokens);
        Assert.Equal(0, training.Examples);
        training.Forward();
        training.Backward(accumulate: false);
        Assert.Equal(0, training.ReadTaskLoss());
        Assert.True(training.ReadLoss() > 0);
        foreach (var parameter in model.Description.Parameters)
        {
            var isHead = parameter.Name.StartsWith("clf_head.", StringComparison.Ordinal)
                || parameter.Name.StartsWith("multiple_choice_head.", StringComparison.Ordinal);
            Assert.Equal(isHead, Variants.Read(training.Gradients, parameter).All(value => value == 0));
        }
    }

    [Fact]
    public void TheOrderOfSimilarTextsDoesNotMatter()
    {
        using var device = new CpuDevice(2);
        using var model = TaskModels.CreateLanguage(nameof(UntiedSimilarity), device);
        using var scoring = model.CreateScoring(2, TaskModels.Length);
        var forth = Score([5, 6], [7]);
        Assert.All(forth.Zip(Score([7], [5, 6])), pair => Assert.Equal(pair.First, pair.Second, 1e-6));
        Assert.NotEqual(forth, Score([7, 6], [5]));

        float[] Score(int[] first, int[] second)
        {
            var sequences = model.Head.Encode(first, second);
            var scores = new float[2];
            scoring.Score(sequences[0].Length, [.. sequences[0], .. sequences[1]], [sequences[0].Length, sequences[1].Length]);
            scoring.ReadScores(scores);
            return scores;
        }
    }

    private static TrainingGraph Create(ITaskModel model) =>
        model.CreateTaskTraining((TaskModels.Examples * model.Head.SequencesPerExample) + 1, TaskModels.Length + 1).Graph;

    private static TrainingGraph Begin(ITaskModel model, float dropout)
    {
        var training = Create(model);
        new TaskBatch(model).Set(training);
        training.Dropout = new(dropout, 5, 3, 1);
        return training;
    }

    /// <summary>In f64, which ReadLoss is not.</summary>
    private static double LossOf(TrainingGraph training)
    {
        var task = new TaskBatch((ITaskModel)training.Model);
        var loss = Read(training.StatisticsOf(task.LossName, task.LossCount), task.LossCount).Average();
        if (training is not TaskTrainingGraph language)
            return loss;
        var losses = Read(training.StatisticsOf("Losses", training.RowCount), training.RowCount);
        return loss + (language.LanguageModelWeight * Enumerable.Range(0, task.Lengths.Length)
            .Average(sequence => losses.AsSpan(sequence * TaskModels.Length, task.Lengths[sequence] - 1).ToArray().Average()));
    }

    private static double[] Read(Statistics statistics, int count)
    {
        var values = new double[count];
        ((ReferenceArena)statistics.Start.Arena).ReadDouble(statistics.Start.Offset, values);
        return values;
    }
}
