using GptGen.Reference;
using Xunit;

namespace GptGen.Runtime.Tests.Golden;

/// <summary>Generated task heads against what an independent implementation computed in f64.</summary>
public class TaskGoldenTests
{
    /// <summary>Each case on each device, with tolerances: of values and of gradients. Expected values are stored as f32.</summary>
    public static TheoryData<string, string, double, double> Cases
    {
        get
        {
            var data = new TheoryData<string, string, double, double>();
            foreach (var name in (string[])["gpt1-tiny-clf", "gpt1-tiny-mc", "bert-tiny2-clf"])
            {
                data.Add(name, "reference", 2e-6, 2e-6);
                data.Add(name, "cpu", 1e-5, 1e-4);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Values(string name, string device, double tolerance, double gradientTolerance) =>
        Run(name, device, gradientTolerance > 0, (model, golden) => TaskGoldenChecks.Values(model, golden, tolerance));

    [Theory]
    [MemberData(nameof(Cases))]
    public void Gradients(string name, string device, double tolerance, double gradientTolerance) =>
        Run(name, device, tolerance > 0, (model, golden) => GoldenChecks.Gradients(model, golden, gradientTolerance));

    [Theory]
    [MemberData(nameof(Cases))]
    public void Trains(string name, string device, double tolerance, double gradientTolerance) =>
        Run(name, device, tolerance > 0, (model, golden) => GoldenChecks.Trains(model, golden, gradientTolerance));

    [Theory]
    [MemberData(nameof(Cases))]
    public void Scores(string name, string device, double tolerance, double gradientTolerance) =>
        Run(name, device, gradientTolerance > 0, (model, golden) => TaskGoldenChecks.Scores(model, golden, tolerance));

    [Theory]
    [InlineData("gpt1-tiny-clf")]
    [InlineData("gpt1-tiny-mc")]
    [InlineData("bert-tiny2-clf")]
    public void PaddingChangesNoBit(string name) => Run(name, "cpu", true, TaskGoldenChecks.PaddingChangesNoBit);

    private static void Run(string name, string deviceName, bool isMeant, Action<Model, TaskGoldenCase> check)
    {
        Assert.True(isMeant);
        using Device device = deviceName == "cpu" ? new CpuDevice(2) : new ReferenceDevice();
        using var model = GoldenModels.CreateTask(name, device);
        check(model, new TaskGoldenCase(name));
    }
}
