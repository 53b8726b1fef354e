using GptGen.Reference;
using Xunit;

namespace GptGen.Runtime.Tests.Golden;

/// <summary>Generated task heads against what an independent implementation computed in f64.</summary>
public class TaskGoldenTests
{
    /// <summary>Each case on each device, with tolerances: of values and of gradients. Expected values are stored as f32.</summary>
    public static TheoryData<string, string, double, double> Cases => new()
    {
        { "gpt1-tiny-clf", "reference", 2e-6, 2e-6 },
        { "gpt1-tiny-clf", "cpu", 1e-5, 1e-4 },
        { "gpt1-tiny-mc", "reference", 2e-6, 2e-6 },
        { "gpt1-tiny-mc", "cpu", 1e-5, 1e-4 },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void ScoresAndLosses(string name, string deviceName, double tolerance, double gradientTolerance)
    {
        _ = gradientTolerance;
        using var device = Open(deviceName);
        using var model = GoldenModels.CreateTask(name, device);
        var golden = new TaskGoldenCase(name);
        golden.Load(model);
        using var training = golden.Begin(model);
        training.Forward();
        training.Loss();

        var expected = golden.Expected;
        var scores = new float[expected["clf_logits"].Length];
        training.ReadScores(scores);
        GoldenChecks.Close("scores", scores, expected["clf_logits"], tolerance);
        var losses = new float[golden.Labels.Length];
        training.ReadTaskLosses(losses);
        GoldenChecks.Close("task losses", losses, expected["clf_losses"], tolerance);
        Assert.Equal(expected["clf_loss"][0], training.ReadTaskLoss(), tolerance);
        Assert.Equal(expected["loss"][0], training.ReadLoss(), 2 * tolerance);
        Assert.Equal(expected["loss"][0] - expected["clf_loss"][0], 0.5 * expected["lm_loss"][0], 1e-6);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void HiddenStates(string name, string deviceName, double tolerance, double gradientTolerance)
    {
        _ = gradientTolerance;
        using var device = Open(deviceName);
        using var model = GoldenModels.CreateTask(name, device);
        var golden = new TaskGoldenCase(name);
        golden.Load(model);
        using var training = golden.Begin(model);
        training.Forward();
        var width = model.Description.Width;
        var hidden = new float[golden.Tokens.Length * width];
        training.ReadHidden(hidden);
        var expected = golden.Expected[$"hidden.{model.Description.Layers - 1}"];
        // Rows behind a sequence's length are nobody's business.
        for (var sequence = 0; sequence < golden.Lengths.Length; sequence++)
        {
            var rows = (sequence * golden.Length * width)..(((sequence * golden.Length) + golden.Lengths[sequence]) * width);
            GoldenChecks.Close($"sequence {sequence}", hidden[rows], expected[rows], tolerance);
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Gradients(string name, string deviceName, double tolerance, double gradientTolerance)
    {
        _ = tolerance;
        using var device = Open(deviceName);
        using var model = GoldenModels.CreateTask(name, device);
        GoldenChecks.Gradients(model, new TaskGoldenCase(name), gradientTolerance);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Trains(string name, string deviceName, double tolerance, double gradientTolerance)
    {
        _ = tolerance;
        using var device = Open(deviceName);
        using var model = GoldenModels.CreateTask(name, device);
        GoldenChecks.Trains(model, new TaskGoldenCase(name), gradientTolerance);
    }

    /// <summary>Without gradients, memory for them, or the language model's head.</summary>
    [Theory]
    [MemberData(nameof(Cases))]
    public void Scores(string name, string deviceName, double tolerance, double gradientTolerance)
    {
        _ = gradientTolerance;
        using var device = Open(deviceName);
        using var model = GoldenModels.CreateTask(name, device);
        var golden = new TaskGoldenCase(name);
        golden.Load(model);
        using var scoring = model.CreateScoring(golden.Lengths.Length, golden.Length);
        scoring.Score(golden.Length, golden.Tokens, golden.Lengths);
        Assert.Equal(golden.Labels.Length, scoring.Examples);
        var scores = new float[golden.Expected["clf_logits"].Length];
        scoring.ReadScores(scores);
        GoldenChecks.Close("scores", scores, golden.Expected["clf_logits"], tolerance);
    }

    private static Device Open(string name) => name == "cpu" ? new CpuDevice(2) : new ReferenceDevice();
}
