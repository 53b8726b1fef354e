using GptGen.Runtime.Tests.Golden;
using Xunit;

namespace GptGen.Cuda.Tests.Device;

/// <summary>The generated model on the CUDA device, in f32, against the golden data.</summary>
public class CudaGoldenTests
{
    public static TheoryData<string> Cases => ["gpt1-tiny", "gpt2-tiny", "gpt2-tiny-hot"];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Logits(string name) => Run(name, (model, golden) => GoldenChecks.Logits(model, golden, 1e-5));

    [Theory]
    [MemberData(nameof(Cases))]
    public void Losses(string name) => Run(name, (model, golden) => GoldenChecks.Losses(model, golden, 1e-5));

    [Theory]
    [MemberData(nameof(Cases))]
    public void Gradients(string name) => Run(name, (model, golden) => GoldenChecks.Gradients(model, golden, 1e-4));

    [Theory]
    [MemberData(nameof(Cases))]
    public void Trains(string name) => Run(name, (model, golden) => GoldenChecks.Trains(model, golden, 1e-4));

    [Theory]
    [MemberData(nameof(Cases))]
    public void Continues(string name) => Run(name, GoldenChecks.Continues);

    private static void Run(string name, Action<LanguageModel, GoldenCase> check)
    {
        using var machine = new TestMachine();
        using var device = machine.Open();
        using var model = GoldenModels.Create(name, device);
        check(model, new GoldenCase(name));
    }
}
