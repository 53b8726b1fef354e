using System.Text.Json;
using GptGen.Checkpoints;
using Xunit;

namespace GptGen.Models.Tests;

/// <summary>The states of a GPT model's layers, as a user sees them.</summary>
public sealed class FeaturesCommandTests : IDisposable
{
    private const double Tolerance = 1e-5;

    private readonly TemporaryFolder folder = new();
    private readonly string weights;

    public FeaturesCommandTests()
    {
        weights = folder.File("weights");
        using var device = new CpuDevice(1);
        using var model = Gpt1Nano.Create(device);
        model.Initialize(3);
        ModelCheckpoint.Save(model, weights);
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public void TheFirstStatesAreOfATokenAndOfItsPlace()
    {
        var (one, other) = (Vectors("aba", "--layer", "0"), Vectors("bab", "--layer", "0"));
        // (a at 0) + (b at 1) and (b at 0) + (a at 1) are the same four vectors.
        Equal(Sum(one[0], one[1]), Sum(other[0], other[1]));
        Assert.NotEqual(one[0], one[2]);
        Assert.NotEqual(one[0], Vectors("aba", "--layer", "1")[0]);
    }

    [Fact]
    public void TheLastLayerOfAModelWithoutALastLayerNormIsItsEnd()
    {
        var (last, final) = (Vectors("the gear", "--layer", "4"), Vectors("the gear"));
        Assert.Equal(8, last.Count);
        foreach (var (one, other) in last.Zip(final))
            Equal(one, other);
        Assert.Contains("--layer is 5", CommandLine.Fail("features", "--weights", weights, "--prompt", "a", "--layer", "5"));
    }

    [Fact]
    public void AMeanAndTheLastTokensStatesAreOneVector()
    {
        var states = Vectors("the gear", "--layer", "2");
        Equal(states[^1], Assert.Single(Vectors("the gear", "--layer", "2", "--pool", "last")));
        var mean = Enumerable.Range(0, states[0].Length).Select(column => states.Average(state => state[column])).ToArray();
        Equal(mean, Assert.Single(Vectors("the gear", "--layer", "2", "--pool", "mean")));
        Equal(Vectors("the gear")[^1], Assert.Single(Vectors("the gear", "--pool", "last")));
    }

    private static float[] Sum(float[] one, float[] other) => [.. one.Zip(other, static (a, b) => a + b)];

    private static void Equal(float[] expected, float[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        Assert.All(expected.Zip(actual), static pair => Assert.Equal(pair.First, pair.Second, Tolerance));
    }

    private List<float[]> Vectors(string prompt, params string[] more)
    {
        var output = CommandLine.Succeed(["features", "--weights", weights, "--prompt", prompt, .. more]);
        return
        [
            .. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line =>
            {
                using var document = JsonDocument.Parse(line);
                return document.RootElement.GetProperty("hidden").EnumerateArray().Select(static value => value.GetSingle()).ToArray();
            }),
        ];
    }
}
