using GptGen.Reference;
using Xunit;

namespace GptGen.Runtime.Tests.Golden;

/// <summary>ELMo's operators against another implementation's numbers, which files hold as f32.</summary>
public class ElmoOperatorTests
{
    [Theory]
    [InlineData(TimeDirection.Forward)]
    [InlineData(TimeDirection.Backward)]
    public void TheScanOfTheReferenceAgrees(TimeDirection direction) => LstmGoldenChecks.Verify(new ReferenceDevice(), direction, 2e-7);

    [Theory]
    [InlineData(TimeDirection.Forward)]
    [InlineData(TimeDirection.Backward)]
    public void TheScanOfTheCpuAgrees(TimeDirection direction) => LstmGoldenChecks.Verify(new CpuDevice(2), direction, 3e-6);

    [Fact]
    public void TheMixOfTheReferenceAgrees() => MixLayersGoldenChecks.Verify(new ReferenceDevice(), 5e-7);

    [Fact]
    public void TheMixOfTheCpuAgrees() => MixLayersGoldenChecks.Verify(new CpuDevice(2), 3e-6);

    [Fact]
    public void TheCharactersOfTheReferenceAgree() => CharacterGoldenChecks.Verify(new ReferenceDevice(), 5e-7);

    [Fact]
    public void TheCharactersOfTheCpuAgree() => CharacterGoldenChecks.Verify(new CpuDevice(2), 3e-6);
}
