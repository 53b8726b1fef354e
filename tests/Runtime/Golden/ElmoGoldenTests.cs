using GptGen.Reference;
using Xunit;

namespace GptGen.Runtime.Tests.Golden;

/// <summary>ELMo's generated class against what an independent implementation computed in f64.</summary>
public class ElmoGoldenTests
{
    /// <summary>Each device, with tolerances of values and of gradients. Expected values are stored as f32.</summary>
    public static TheoryData<string, double, double> Devices => new() { { "reference", 2e-6, 2e-6 }, { "cpu", 1e-5, 1e-4 } };

    [Theory]
    [MemberData(nameof(Devices))]
    public void Values(string device, double tolerance, double gradientTolerance) =>
        Run(device, gradientTolerance > 0, (model, golden) => ElmoGoldenChecks.Values(model, golden, tolerance));

    [Theory]
    [MemberData(nameof(Devices))]
    public void Encodes(string device, double tolerance, double gradientTolerance) =>
        Run(device, gradientTolerance > 0, (model, golden) => ElmoGoldenChecks.Encodes(model, golden, tolerance));

    [Theory]
    [MemberData(nameof(Devices))]
    public void Gradients(string device, double tolerance, double gradientTolerance) =>
        Run(device, tolerance > 0, (model, golden) => ElmoGoldenChecks.Gradients(model, golden, gradientTolerance));

    private static void Run(string deviceName, bool isMeant, Action<BidirectionalModel, ElmoGoldenCase> check)
    {
        Assert.True(isMeant);
        using Device device = deviceName == "cpu" ? new CpuDevice(2) : new ReferenceDevice();
        using var model = ElmoTiny.Create(device);
        check(model, new ElmoGoldenCase());
    }
}
