using GptGen.Generator.Graph;
using GptGen.Generator.Memory;
using GptGen.Generator.Operators;
using Xunit;

namespace GptGen.Generator.Tests.Graphs;

/// <summary>Graphs, differentiation and memory plan together, without a compiler: gradients of random graphs against central differences.</summary>
public class DifferentiationTests
{
    private const int Graphs = 300;
    private const double Step = 5e-6;

    /// <summary>Written first, then added by a second micro-batch, with dropout's memory shared and of its own.</summary>
    [Fact]
    public void Gradients_of_random_graphs_are_the_central_differences()
    {
        for (var seed = 0; seed < Graphs; seed++)
            Assert.True(Error(new LoweredGraph(RandomGraphs.Build(seed)), seed) is var error && error < 1e-6, $"Graph {seed} is off by {error:G3}.");
    }

    /// <summary>The random graphs do contain what they are for.</summary>
    [Fact]
    public void Random_graphs_have_shared_gradients_sums_and_several_carried_values()
    {
        var graphs = Enumerable.Range(0, Graphs).Select(seed => new LoweredGraph(RandomGraphs.Build(seed))).ToArray();
        var calls = graphs.SelectMany(graph => graph.Calls).ToArray();
        Assert.Contains(
            calls, call => call.Operands.OfType<WriteOperand>().Any(write => write is { OnFirstPass: true, Writing: GradientWriting.Accumulate }));
        Assert.Contains(
            calls, call => call.Operands.OfType<WriteOperand>().Any(write => write is { OnFirstPass: true, Writing: GradientWriting.Overwrite }));
        Assert.Contains(calls, call => call.Method == "Accumulate");
        Assert.Contains(calls, call => call.Method == "Clear");
        Assert.Contains(calls, call => call.Method == "LinearBackwardActivation");
        // Of activations from a linear layer, too, where several nodes read one.
        Assert.Contains(
            graphs, graph => graph.Calls.Count(call => call.Method == "LinearActivation")
                > graph.Calls.Count(call => call.Method == "LinearBackwardActivation")
                && graph.Calls.All(call => call.Method != "Activate") && graph.Calls.Any(call => call.Method == "ActivateBackward"));
        Assert.Contains(graphs, graph => graph.Graph.Loops.Any(loop => loop.Carried.Count > 1));
        Assert.Contains(graphs, graph => graph.Graph.Loops.Count() > 1);
        foreach (var layers in (int[])[1, 2, 3])
            Assert.Contains(graphs, graph => graph.Backward.Any(section => section.LastOf?.Layers == layers && section.Calls.Count > 0));
        Assert.Contains(graphs, graph => graph.Graph.Sections.Zip(graph.Graph.Sections.Skip(1)).Any(pair => pair is (Loop, Loop)));
    }

    /// <summary>A mistake in any call of the backward pass shows in the gradients.</summary>
    [Theory]
    [InlineData("an addition that overwrites")]
    [InlineData("a first pass that adds to nothing")]
    [InlineData("every pass overwriting what layers share")]
    [InlineData("a missing sum")]
    [InlineData("a missing zero")]
    [InlineData("a sum the wrong way round")]
    [InlineData("a product that does not go through the activation")]
    public void Planted_faults_are_found(string fault) => Assert.Contains(
        Enumerable.Range(0, Graphs), seed => !(Error(Plant(new LoweredGraph(RandomGraphs.Build(seed)), fault), seed) < 1e-6));

    /// <summary>Memory that is given to two values at once shows as well.</summary>
    [Fact]
    public void Values_that_overlap_are_found()
    {
        var found = 0;
        for (var seed = 0; seed < 100; seed++)
        {
            var graph = new LoweredGraph(RandomGraphs.Build(seed));
            var kept = graph.Plan.Places.Where(pair => pair.Key.Kind == ValueKind.Rows && pair.Value.Instances == 1).ToArray();
            if (kept.Length < 2)
                continue;
            var places = graph.Plan.Places.ToDictionary();
            places[kept[0].Key] = places[kept[1].Key] with { };
            found += Error(graph.With(graph.Plan with { Places = places }), seed) < 1e-6 ? 0 : 1;
        }

        Assert.True(found > 20, $"{found} of 100 overlaps were found.");
    }

    private static LoweredGraph Plant(LoweredGraph graph, string fault)
    {
        var isDone = false;

        Call[] Change(Call call)
        {
            if (isDone)
                return [call];
            var isFirst = call.Operands.OfType<WriteOperand>().Any(write => write.OnFirstPass);
            Call? changed = fault switch
            {
                "an addition that overwrites" when call.Operands.Contains(new WriteOperand(GradientWriting.Add)) =>
                    Replace(call, new(GradientWriting.Add), new(GradientWriting.Overwrite)),
                "a first pass that adds to nothing" when call.Operands.Contains(new WriteOperand(GradientWriting.Overwrite)) =>
                    Replace(call, new(GradientWriting.Overwrite), new(GradientWriting.Add)),
                "every pass overwriting what layers share" when isFirst && graph.Graph.Loops.Any(loop => loop.Id.Passes > 1) =>
                    call with
                    {
                        Operands = [.. call.Operands.Select(operand => operand is WriteOperand write ? write with { OnFirstPass = false } : operand)],
                    },
                "a missing sum" when call.Method == "Accumulate" => null,
                "a missing zero" when call.Method == "Clear" => null,
                "a sum the wrong way round" when call.Method == "Accumulate" =>
                    call with { Operands = [call.Operands[1], call.Operands[0], call.Operands[2]] },
                "a product that does not go through the activation" when call.Method == "LinearBackwardActivation" =>
                    new("LinearBackwardInput", [call.Operands[0], call.Operands[1], call.Operands[4], new WriteOperand(GradientWriting.Overwrite)]),
                _ => call,
            };
            isDone = !ReferenceEquals(changed, call);
            return changed is null ? [] : [changed];
        }

        return graph.With([.. graph.Backward.Select(section => section with { Calls = [.. section.Calls.SelectMany(Change)] })]);
    }

    private static Call Replace(Call call, WriteOperand from, WriteOperand to) =>
        call with { Operands = [.. call.Operands.Select(operand => operand.Equals(from) ? to : operand)] };

    /// <summary>
    /// The largest difference between a gradient and its central difference along a random direction, relative to the larger of 1 and it.
    /// </summary>
    private static double Error(LoweredGraph graph, int seed)
    {
        var random = new Random(seed);
        var weights = graph.Graph.Parameters
            .SelectMany(parameter => Enumerable.Range(0, parameter.Loop?.Layers ?? 1).Select(layer => (parameter, layer)))
            .ToDictionary(key => key, key => Numbers(random, (int)key.parameter.Count));
        var worst = 0.0;
        foreach (var copies in (bool[])[false, true])
        {
            var machine = new GraphInterpreter(graph) { Weights = weights, CopiesBranches = copies };
            machine.Run(backward: true);
            machine.Run(backward: true, accumulate: true);
            foreach (var (key, values) in weights)
            {
                var direction = Numbers(random, values.Length);
                var numeric = ((8 * (LossAt(Step) - LossAt(-Step))) - LossAt(2 * Step) + LossAt(-2 * Step)) / (12 * Step);
                var analytic = 0.0;
                if (machine.Gradients.TryGetValue(key, out var gradient))
                {
                    for (var i = 0; i < values.Length; i++)
                        analytic += gradient[i] * direction[i] / 2;
                }

                var error = Math.Abs(analytic - numeric) / Math.Max(1, Math.Abs(numeric));
                worst = error > worst || double.IsNaN(error) ? error : worst;
                if (double.IsNaN(worst))
                    return worst;

                double LossAt(double step)
                {
                    var moved = weights.ToDictionary();
                    moved[key] = [.. values.Select((value, i) => value + (step * direction[i]))];
                    var other = new GraphInterpreter(graph) { Weights = moved };
                    other.Run(backward: false);
                    return other.Loss;
                }
            }
        }

        return worst;
    }

    private static double[] Numbers(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => (2 * random.NextDouble()) - 1)];
}
