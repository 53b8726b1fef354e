using GptGen.Reference;
using Xunit;

namespace GptGen.Runtime.Tests.Golden;

/// <summary>The LSTM's operators against another implementation's numbers, which files hold as f32.</summary>
public class LstmGoldenTests
{
    [Theory]
    [InlineData(TimeDirection.Forward)]
    [InlineData(TimeDirection.Backward)]
    public void TheReferenceAgrees(TimeDirection direction) => LstmGoldenChecks.Verify(new ReferenceDevice(), direction, 2e-7);

    [Theory]
    [InlineData(TimeDirection.Forward)]
    [InlineData(TimeDirection.Backward)]
    public void TheCpuAgrees(TimeDirection direction) => LstmGoldenChecks.Verify(new CpuDevice(2), direction, 3e-6);
}
