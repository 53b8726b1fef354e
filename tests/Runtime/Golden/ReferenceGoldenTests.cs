using GptGen.Reference;
using Xunit;

namespace GptGen.Runtime.Tests.Golden;

/// <summary>The generated model on the reference device computes what an independent implementation computed in f64.</summary>
public class ReferenceGoldenTests
{
    // Expected values are stored as f32, and gradients of f32 weights are read as f32.
    private const double Tolerance = 2e-6;

    public static TheoryData<string> Cases => ["gpt1-tiny", "gpt2-tiny", "gpt2-tiny-hot"];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Logits(string name) => Run(name, (model, golden) => GoldenChecks.Logits(model, golden, Tolerance));

    [Theory]
    [MemberData(nameof(Cases))]
    public void Losses(string name) => Run(name, (model, golden) => GoldenChecks.Losses(model, golden, Tolerance));

    [Theory]
    [MemberData(nameof(Cases))]
    public void Gradients(string name) => Run(name, (model, golden) => GoldenChecks.Gradients(model, golden, Tolerance));

    [Theory]
    [MemberData(nameof(Cases))]
    public void Trains(string name) => Run(name, (model, golden) => GoldenChecks.Trains(model, golden, Tolerance));

    [Theory]
    [MemberData(nameof(Cases))]
    public void Continues(string name) => Run(name, GoldenChecks.Continues);

    private static void Run(string name, Action<LanguageModel, GoldenCase> check)
    {
        using var device = new ReferenceDevice();
        using var model = GoldenModels.Create(name, device);
        check(model, new GoldenCase(name));
    }
}
