using Xunit;

namespace GptGen.Runtime.Tests.Golden;

/// <summary>The golden data is complete and is read as it was written.</summary>
public class GoldenCaseTests
{
    [Theory]
    [InlineData("gpt2-tiny")]
    [InlineData("gpt2-tiny-hot")]
    [InlineData("gpt1-tiny")]
    public void IsComplete(string name)
    {
        var golden = new GoldenCase(name);
        var mean = golden.Expected["token_loss"].Average(loss => (double)loss);
        Assert.Equal(golden.Expected["mean_loss"][0], mean, 1e-6);
        Assert.Equal(golden.Training.GetProperty("loss")[0].GetDouble(), mean, 1e-6);
        Assert.Equal(golden.Weights.Keys.Order(), golden.Trained.Keys.Order());
        Assert.All(golden.Weights.Keys, weight => Assert.Equal(golden.Weights[weight].Length, golden.Expected["grad." + weight].Length));
        Assert.Equal(24, golden.Continuation.Length);
    }
}
