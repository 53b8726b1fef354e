using GptGen.Reference;
using Xunit;

namespace GptGen.Runtime.Tests.Golden;

/// <summary>Transformer-XL's generated classes against what an independent implementation computed in f64.</summary>
public class SegmentGoldenTests
{
    private const string Plain = "transfo-xl-tiny2";
    private const string Adaptive = "transfo-xl-adaptive";

    /// <summary>Each case and device, with tolerances of values and of gradients. Expected values are stored as f32.</summary>
    public static TheoryData<string, string, double, double> Cases => new()
    {
        { Plain, "reference", 2e-6, 2e-6 }, { Plain, "cpu", 1e-5, 1e-4 }, { Adaptive, "reference", 2e-6, 2e-6 }, { Adaptive, "cpu", 1e-5, 1e-4 },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Values(string name, string device, double tolerance, double gradientTolerance) =>
        Run(name, device, gradientTolerance > 0, (model, golden) => SegmentGoldenChecks.Values(model, golden, tolerance));

    [Theory]
    [InlineData("reference", 2e-6)]
    [InlineData("cpu", 1e-5)]
    public void SameLength(string device, double tolerance) =>
        Run(Plain, device, isMeant: true, (model, golden) => SegmentGoldenChecks.SameLength(model, golden, tolerance));

    [Theory]
    [InlineData("reference", 2e-6)]
    [InlineData("cpu", 1e-5)]
    public void BeginsWithZerosAsHuggingFacesModelsDo(string device, double tolerance) =>
        Run(Adaptive, device, isMeant: true, (model, golden) => SegmentGoldenChecks.ZeroMemory(model, golden, tolerance));

    [Theory]
    [MemberData(nameof(Cases))]
    public void Decodes(string name, string device, double tolerance, double gradientTolerance) =>
        Run(name, device, gradientTolerance > 0, (model, golden) => SegmentGoldenChecks.Decodes(model, golden, tolerance));

    [Theory]
    [MemberData(nameof(Cases))]
    public void Forgets(string name, string device, double tolerance, double gradientTolerance) => Run(
        name, device, gradientTolerance > 0, (model, golden) =>
        {
            SegmentGoldenChecks.Forgets(model, golden, tolerance, zeros: false);
            SegmentGoldenChecks.Forgets(model, golden, tolerance, zeros: true);
        });

    [Theory]
    [MemberData(nameof(Cases))]
    public void Gradients(string name, string device, double tolerance, double gradientTolerance) =>
        Run(name, device, tolerance > 0, (model, golden) => GoldenChecks.Gradients(model, golden, gradientTolerance));

    [Theory]
    [MemberData(nameof(Cases))]
    public void Trains(string name, string device, double tolerance, double gradientTolerance) =>
        Run(name, device, tolerance > 0, (model, golden) => GoldenChecks.Trains(model, golden, gradientTolerance));

    private static void Run(string name, string deviceName, bool isMeant, Action<SegmentModel, SegmentGoldenCase> check)
    {
        Assert.True(isMeant);
        using Device device = deviceName == "cpu" ? new CpuDevice(2) : new ReferenceDevice();
        using var model = GoldenModels.CreateSegment(name, device);
        check(model, new SegmentGoldenCase(name));
    }
}
