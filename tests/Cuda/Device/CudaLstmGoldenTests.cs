using GptGen.Runtime.Tests.Golden;
using Xunit;

namespace GptGen.Cuda.Tests.Device;

/// <summary>The LSTM's operators on the GPU against another implementation's numbers.</summary>
public class CudaLstmGoldenTests
{
    [Theory]
    [InlineData(TimeDirection.Forward)]
    [InlineData(TimeDirection.Backward)]
    public void Outputs_and_gradients_agree(TimeDirection direction)
    {
        using var machine = new TestMachine();
        LstmGoldenChecks.Verify(machine.Open(), direction, 3e-6);
    }
}
