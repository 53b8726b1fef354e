using GptGen.Runtime.Tests.Golden;
using Xunit;

namespace GptGen.Cuda.Tests.Device;

/// <summary>BERT's generated class on the CUDA device, in f32, against the golden data.</summary>
public class CudaMaskedGoldenTests
{
    [Fact]
    public void Values() => Run((model, golden) => MaskedGoldenChecks.Values(model, golden, 1e-5));

    [Fact]
    public void Gradients() => Run((model, golden) => GoldenChecks.Gradients(model, golden, 1e-4));

    [Fact]
    public void Trains() => Run((model, golden) => GoldenChecks.Trains(model, golden, 1e-4));

    [Fact]
    public void PaddingChangesNoBit() => Run(MaskedGoldenChecks.PaddingChangesNoBit);

    [Fact]
    public void NothingToPredict() => Run((model, golden) => MaskedGoldenChecks.NothingToPredict(model, golden, 1e-5));

    private static void Run(Action<MaskedModel, MaskedGoldenCase> check)
    {
        using var machine = new TestMachine();
        using var device = machine.Open();
        using var model = BertTiny.Create(device);
        check(model, new MaskedGoldenCase("bert-tiny2"));
    }
}
