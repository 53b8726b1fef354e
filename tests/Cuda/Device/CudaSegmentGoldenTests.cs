using GptGen.Runtime.Tests.Golden;
using Xunit;

namespace GptGen.Cuda.Tests.Device;

/// <summary>Transformer-XL's generated classes on the CUDA device, in f32, against the golden data.</summary>
public class CudaSegmentGoldenTests
{
    private const string Plain = "transfo-xl-tiny2";
    private const string Adaptive = "transfo-xl-adaptive";

    [Theory]
    [InlineData(Plain)]
    [InlineData(Adaptive)]
    public void Values(string name) => Run(name, (model, golden) => SegmentGoldenChecks.Values(model, golden, 1e-5));

    [Fact]
    public void SameLength() => Run(Plain, (model, golden) => SegmentGoldenChecks.SameLength(model, golden, 1e-5));

    [Fact]
    public void BeginsWithZerosAsHuggingFacesModelsDo() => Run(Adaptive, (model, golden) => SegmentGoldenChecks.ZeroMemory(model, golden, 1e-5));

    [Theory]
    [InlineData(Plain)]
    [InlineData(Adaptive)]
    public void Decodes(string name) => Run(name, (model, golden) => SegmentGoldenChecks.Decodes(model, golden, 1e-5));

    [Theory]
    [InlineData(Plain)]
    [InlineData(Adaptive)]
    public void Forgets(string name) => Run(name, (model, golden) => SegmentGoldenChecks.Forgets(model, golden, 1e-5, zeros: true));

    [Theory]
    [InlineData(Plain)]
    [InlineData(Adaptive)]
    public void Gradients(string name) => Run(name, (model, golden) => GoldenChecks.Gradients(model, golden, 1e-4));

    [Theory]
    [InlineData(Plain)]
    [InlineData(Adaptive)]
    public void Trains(string name) => Run(name, (model, golden) => GoldenChecks.Trains(model, golden, 1e-4));

    private static void Run(string name, Action<SegmentModel, SegmentGoldenCase> check)
    {
        using var machine = new TestMachine();
        using var device = machine.Open();
        using var model = GoldenModels.CreateSegment(name, device);
        check(model, new SegmentGoldenCase(name));
    }
}
