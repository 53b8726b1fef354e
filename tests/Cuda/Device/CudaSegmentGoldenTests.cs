using GptGen.Runtime.Tests.Golden;
using Xunit;

namespace GptGen.Cuda.Tests.Device;

/// <summary>Transformer-XL's generated class on the CUDA device, in f32, against the golden data.</summary>
public class CudaSegmentGoldenTests
{
    [Fact]
    public void Values() => Run((model, golden) => SegmentGoldenChecks.Values(model, golden, 1e-5));

    [Fact]
    public void SameLength() => Run((model, golden) => SegmentGoldenChecks.SameLength(model, golden, 1e-5));

    [Fact]
    public void Gradients() => Run((model, golden) => GoldenChecks.Gradients(model, golden, 1e-4));

    [Fact]
    public void Trains() => Run((model, golden) => GoldenChecks.Trains(model, golden, 1e-4));

    private static void Run(Action<SegmentModel, SegmentGoldenCase> check)
    {
        using var machine = new TestMachine();
        using var device = machine.Open();
        using var model = TransformerXLTiny.Create(device);
        check(model, new SegmentGoldenCase("transfo-xl-tiny2"));
    }
}
