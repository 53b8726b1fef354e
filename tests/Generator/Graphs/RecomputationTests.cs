using GptGen.Generator.Graph;
using GptGen.Generator.Memory;
using GptGen.Generator.Operators;
using GptGen.Generator.Spec;
using Xunit;

namespace GptGen.Generator.Tests.Graphs;

/// <summary>What a backward pass computes anew: the gradients are those of a pass that finds everything kept, and less is kept.</summary>
public class RecomputationTests
{
    private const int Graphs = 300;

    [Theory]
    [InlineData((int)RecomputationKind.Activations)]
    [InlineData((int)RecomputationKind.ActivationsAndLayerNorms)]
    public void Gradients_of_random_graphs_keep_their_bits(int choice)
    {
        var anew = 0;
        for (var seed = 0; seed < Graphs; seed++)
        {
            var graph = Lower(seed, (RecomputationKind)choice);
            anew += graph.Backward.SelectMany(section => section.Calls).Count(IsAnew);
            Assert.True(HasGradientsOf(graph, seed), $"Graph {seed} has other gradients.");
        }

        Assert.True(anew > Graphs / 4, $"Only {anew} values of {Graphs} graphs are computed anew.");
    }

    /// <summary>Random graphs have values computed anew from others that are.</summary>
    [Fact]
    public void What_is_computed_anew_may_read_what_is() => Assert.Contains(
        Enumerable.Range(0, Graphs).SelectMany(seed => Lower(seed, RecomputationKind.ActivationsAndLayerNorms).Calls),
        call => IsAnew(call) && call.Values.First().Name.EndsWith("Again", StringComparison.Ordinal));

    [Theory]
    [InlineData("nothing computed anew")]
    [InlineData("computed after it is read")]
    [InlineData("the kept value read, which others have overwritten")]
    public void Planted_faults_are_found(string fault) => Assert.Contains(
        Enumerable.Range(0, Graphs), seed => !HasGradientsOf(Plant(Lower(seed, RecomputationKind.ActivationsAndLayerNorms), fault), seed));

    /// <summary>Of GPT-2's block 16 widths are kept: four are the activation's, two those of LayerNorms.</summary>
    [Theory]
    [InlineData("Gpt2", "None", 16)]
    [InlineData("Gpt2", "Activations", 12)]
    [InlineData("Gpt2", "ActivationsAndLayerNorms", 10)]
    [InlineData("Gpt1", "Activations", 12)]
    [InlineData("Gpt1", "ActivationsAndLayerNorms", 11)]
    [InlineData("Bert", "ActivationsAndLayerNorms", 11)]
    public void A_layer_keeps_less(string family, string choice, int widths)
    {
        const int Width = 32;
        Assert.Equal(widths * Width, PerRow(layers: 12) - PerRow(layers: 11));

        long PerRow(int layers)
        {
            var spec = GeneratorHarness.Spec(
                $"Layers = {layers}, Heads = 2, Width = {Width}, Context = 16, Vocabulary = 64, Recompute = Recomputation.{choice}", family);
            var kinds = Architectures.Architecture.ByAttribute[spec.Attribute].Graphs(spec).SelectMany(graph => graph.Graphs);
            return LoweredGraph.Lower(spec, kinds.Single(kind => kind.IsDifferentiated)).Plan.Values[Region.Rows];
        }
    }

    private static LoweredGraph Lower(int seed, RecomputationKind choice) => new(RandomGraphs.Build(seed), choice);

    private static bool IsAnew(Call call) =>
        call.Operands.OfType<ValueOperand>().Any(operand => operand.Value.Name.EndsWith("Again", StringComparison.Ordinal))
        && call.Method is "Activate" or "LayerNorm";

    private static LoweredGraph Plant(LoweredGraph graph, string fault)
    {
        Call[] Change(IReadOnlyList<Call> calls)
        {
            switch (fault)
            {
                case "nothing computed anew":
                    return [.. calls.Where(call => !IsAnew(call))];
                case "computed after it is read":
                    return [.. calls.Where(call => !IsAnew(call)), .. calls.Where(IsAnew)];
                default:
                    var named = graph.Forward.SelectMany(section => section.Calls).SelectMany(call => call.Values).ToLookup(value => value.Name);
                    return
                    [
                        .. calls.Select(call => call.Values.ToArray().Aggregate(
                            call, (changed, value) => value.Name.EndsWith("Again", StringComparison.Ordinal) && !IsAnew(call)
                                ? changed.Replacing(value, by: named[value.Name[..^"Again".Length]].First())
                                : changed)),
                    ];
            }
        }

        return graph.With([.. graph.Backward.Select(section => section with { Calls = Change(section.Calls) })]);
    }

    /// <summary>Whether gradients of two micro-batches have the bits of a pass that computes nothing anew.</summary>
    private static bool HasGradientsOf(LoweredGraph graph, int seed)
    {
        var expected = Gradients(new(RandomGraphs.Build(seed)), seed);
        return Gradients(graph, seed).Zip(expected, static (one, other) => one.SequenceEqual(other)).All(static isSame => isSame);
    }

    /// <summary>Every parameter's gradients in order; those that no loss depends on are empty.</summary>
    private static IEnumerable<double[]> Gradients(LoweredGraph graph, int seed)
    {
        var random = new Random(seed);
        var keys = graph.Graph.Parameters
            .SelectMany(parameter => Enumerable.Range(0, parameter.Loop?.Layers ?? 1).Select(layer => (parameter, layer))).ToArray();
        var weights = keys.ToDictionary(
            key => key, key => Enumerable.Range(0, (int)key.parameter.Count).Select(_ => (2 * random.NextDouble()) - 1).ToArray());
        var machine = new GraphInterpreter(graph) { Weights = weights, CopiesBranches = seed % 2 == 0 };
        machine.Run(backward: true);
        machine.Run(backward: true, accumulate: true);
        return keys.Select(key => machine.Gradients.GetValueOrDefault(key, []));
    }
}
