using GptGen.Models.Commands;
using GptGen.Training;
using Xunit;

namespace GptGen.Models.Tests.Training;

public sealed class TrainingOptionsTests
{
    public static TheoryData<string, TrainingOptions> Wrong => new()
    {
        { "--steps", new() { Steps = 0 } },
        { "--batch", new() { Batch = 0 } },
        { "--length", new() { Length = 65 } },
        { "--accumulate", new() { Accumulate = 0 } },
        { "--learning-rate", new() { LearningRate = double.NaN } },
        { "--learning-rate", new() { LearningRate = double.PositiveInfinity } },
        { "--minimum-learning-rate", new() { LearningRate = 1e-4, MinimumLearningRate = 1e-3 } },
        { "--warmup", new() { Warmup = -1 } },
        { "--beta1", new() { Beta1 = 1 } },
        { "--beta2", new() { Beta2 = -0.1 } },
        { "--epsilon", new() { Epsilon = 0 } },
        { "--weight-decay", new() { WeightDecay = double.NaN } },
        { "--dropout", new() { Dropout = 1 } },
        { "--clip", new() { Clip = -1 } },
        { "--evaluate-every", new() { EvaluateEvery = -1 } },
        { "--save-every", new() { SaveEvery = -1 } },
        { "--keep", new() { Keep = 0 } },
    };

    [Theory]
    [MemberData(nameof(Wrong), DisableDiscoveryEnumeration = true)]
    public void AWrongNumberIsRefusedByItsOption(string option, TrainingOptions options) =>
        Assert.StartsWith(
            option + " is ",
            CommandLineText.Of(Assert.Throws<GptGenException>(() => options.Validate(Gpt2Nano.Specification)).Message));

    [Fact]
    public void TheDefaultsAreValid() => new TrainingOptions().Validate(Gpt2Nano.Specification);
}
