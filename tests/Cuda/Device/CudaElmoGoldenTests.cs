using GptGen.Runtime.Tests.Golden;
using Xunit;

namespace GptGen.Cuda.Tests.Device;

/// <summary>ELMo's generated class on the CUDA device, in f32, against the golden data.</summary>
public class CudaElmoGoldenTests
{
    [Fact]
    public void Values() => Run((model, golden) => ElmoGoldenChecks.Values(model, golden, 1e-5));

    [Fact]
    public void Encodes() => Run((model, golden) => ElmoGoldenChecks.Encodes(model, golden, 1e-5));

    [Fact]
    public void Gradients() => Run((model, golden) => GoldenChecks.Gradients(model, golden, 1e-4));

    [Fact]
    public void Trains() => Run((model, golden) => GoldenChecks.Trains(model, golden, 1e-4));

    private static void Run(Action<BidirectionalModel, ElmoGoldenCase> check)
    {
        using var machine = new TestMachine();
        using var device = machine.Open();
        using var model = ElmoTiny.Create(device);
        check(model, new ElmoGoldenCase());
    }
}
