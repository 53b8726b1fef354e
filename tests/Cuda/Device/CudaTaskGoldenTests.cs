using GptGen.Runtime.Tests.Golden;
using Xunit;

namespace GptGen.Cuda.Tests.Device;

/// <summary>Generated task heads on the CUDA device, in f32, against the golden data.</summary>
public class CudaTaskGoldenTests
{
    public static TheoryData<string> Cases => ["gpt1-tiny-clf", "gpt1-tiny-mc", "bert-tiny2-clf"];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Values(string name) => Run(name, (model, golden) => TaskGoldenChecks.Values(model, golden, 1e-5));

    [Theory]
    [MemberData(nameof(Cases))]
    public void Gradients(string name) => Run(name, (model, golden) => GoldenChecks.Gradients(model, golden, 1e-4));

    [Theory]
    [MemberData(nameof(Cases))]
    public void Trains(string name) => Run(name, (model, golden) => GoldenChecks.Trains(model, golden, 1e-4));

    [Theory]
    [MemberData(nameof(Cases))]
    public void Scores(string name) => Run(name, (model, golden) => TaskGoldenChecks.Scores(model, golden, 1e-5));

    [Theory]
    [MemberData(nameof(Cases))]
    public void PaddingChangesNoBit(string name) => Run(name, TaskGoldenChecks.PaddingChangesNoBit);

    private static void Run(string name, Action<Model, TaskGoldenCase> check)
    {
        using var machine = new TestMachine();
        using var device = machine.Open();
        using var model = GoldenModels.CreateTask(name, device);
        check(model, new TaskGoldenCase(name));
    }
}
