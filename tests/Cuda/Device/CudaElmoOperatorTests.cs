using GptGen.Runtime.Tests.Golden;
using Xunit;

namespace GptGen.Cuda.Tests.Device;

/// <summary>ELMo's operators on the GPU against another implementation's numbers.</summary>
public class CudaElmoOperatorTests
{
    [Theory]
    [InlineData(TimeDirection.Forward)]
    [InlineData(TimeDirection.Backward)]
    public void The_scan_agrees(TimeDirection direction)
    {
        using var machine = new TestMachine();
        LstmGoldenChecks.Verify(machine.Open(), direction, 3e-6);
    }

    [Fact]
    public void The_characters_agree()
    {
        using var machine = new TestMachine();
        CharacterGoldenChecks.Verify(machine.Open(), 3e-6);
    }

    [Fact]
    public void The_mix_agrees()
    {
        using var machine = new TestMachine();
        MixLayersGoldenChecks.Verify(machine.Open(), 3e-6);
    }
}
