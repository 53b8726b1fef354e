using GptGen.Generator.Architectures;
using GptGen.Generator.Memory;
using Xunit;

namespace GptGen.Generator.Tests.Graphs;

/// <summary>What layers leave is kept for a backward pass, or for a host that reads all of it; otherwise the next layer takes its memory.</summary>
public class LayerMemoryTests
{
    [Theory]
    [InlineData("Bert", "Encode")]
    [InlineData("Gpt1", "PrefillLast")]
    [InlineData("Gpt1", "PrefillAll")]
    [InlineData("Gpt1", "Decode")]
    [InlineData("Gpt2", "PrefillAll")]
    public void Layers_take_no_more_memory_than_a_few_where_nothing_is_differentiated(string family, string kind) =>
        Assert.Equal(Elements(family, kind, layers: 3), Elements(family, kind, layers: 12));

    [Theory]
    [InlineData("Bert", "Train")]
    [InlineData("Gpt1", "Train")]
    public void Training_keeps_every_layers_values(string family, string kind) =>
        Assert.True(Elements(family, kind, layers: 12) > 2 * Elements(family, kind, layers: 3));

    /// <summary>Elements of activations a row, a sequence and whatever else memory grows with.</summary>
    private static long Elements(string family, string kind, int layers)
    {
        var spec = GeneratorHarness.Spec($"Layers = {layers}, Heads = 2, Width = 32, Context = 16, Vocabulary = 64", family);
        var kinds = Architecture.ByAttribute[spec.Attribute].Graphs(spec).SelectMany(graph => graph.Graphs);
        return LoweredGraph.Lower(spec, kinds.Single(one => one.Name == kind)).Plan.Values.Regions.Sum(region => region.PerRow);
    }
}
