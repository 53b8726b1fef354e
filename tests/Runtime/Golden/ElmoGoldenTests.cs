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
    public void Features(string device, double tolerance, double gradientTolerance) =>
        Run(device, gradientTolerance > 0, (model, golden) => ElmoGoldenChecks.Features(model, golden, tolerance));

    [Theory]
    [MemberData(nameof(Devices))]
    public void Gradients(string device, double tolerance, double gradientTolerance) =>
        Run(device, tolerance > 0, (model, golden) => GoldenChecks.Gradients(model, golden, gradientTolerance));

    [Theory]
    [MemberData(nameof(Devices))]
    public void Trains(string device, double tolerance, double gradientTolerance) =>
        Run(device, tolerance > 0, (model, golden) => GoldenChecks.Trains(model, golden, gradientTolerance));

    /// <summary>A table of the words' embeddings gives the same states as their characters.</summary>
    [Theory]
    [MemberData(nameof(Devices))]
    public void ValuesOfATable(string device, double tolerance, double gradientTolerance)
    {
        Assert.True(gradientTolerance > 0);
        using var opened = Open(device);
        using var model = ElmoTinyTable.Create(opened);
        ElmoGoldenChecks.Values(model, new ElmoGoldenCase(), tolerance);
    }

    private static void Run(string deviceName, bool isMeant, Action<BidirectionalModel, ElmoGoldenCase> check)
    {
        Assert.True(isMeant);
        using var device = Open(deviceName);
        using var model = ElmoTiny.Create(device);
        check(model, new ElmoGoldenCase());
    }

    private static Device Open(string name) => name == "cpu" ? new CpuDevice(2) : new ReferenceDevice();
}
