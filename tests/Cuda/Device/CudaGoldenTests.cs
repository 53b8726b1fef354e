using GptGen.Runtime.Tests.Golden;
using Xunit;

namespace GptGen.Cuda.Tests.Device;

/// <summary>The generated model on the CUDA device, in f32 and in bf16, against the golden data.</summary>
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

    [Theory]
    [InlineData("gpt1-tiny")]
    [InlineData("gpt2-tiny")]
    public void Logits_in_bf16(string name) => Run(name, (model, golden) => GoldenChecks.Logits(model, golden, 2e-2), GpuPrecision.BFloat16);

    [Theory]
    [InlineData("gpt1-tiny")]
    [InlineData("gpt2-tiny")]
    public void Gradients_in_bf16(string name) => Run(name, (model, golden) => GoldenChecks.Gradients(model, golden, 2e-2), GpuPrecision.BFloat16);

    private static void Run(string name, Action<LanguageModel, GoldenCase> check, GpuPrecision precision = GpuPrecision.Float32)
    {
        using var machine = new TestMachine();
        using var device = machine.Open(precision);
        using var model = GoldenModels.Create(name, device);
        check(model, new GoldenCase(name));
    }
}
