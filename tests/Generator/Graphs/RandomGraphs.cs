using GptGen.Generator.Graph;
using GptGen.Generator.Operators;
using GptGen.Generator.Spec;

namespace GptGen.Generator.Tests.Graphs;

/// <summary>
/// Small graphs of everything that differentiation has to cope with: values read several times, parameters and values shared by the layers, loops
/// with several carried values, loops that follow one another, last layers that go on with some rows alone, parts that no loss depends on.
/// </summary>
internal sealed class RandomGraphs(int seed)
{
    private static readonly GraphKind Kind = new("Train", "Compute", "", IsDifferentiated: true);
    private static readonly Dimension[] Widths = [Dimension.Of("A", 3, ""), Dimension.Of("B", 5, "")];

    private static readonly GptGen.Generator.Graph.GraphInput Picked = new(
        "Picked", GptGen.Generator.Graph.InputKind.Integers, Extent.Row, "");

    private Random random = new(seed);
    private readonly GraphBuilder graph = new(Kind);
    private readonly List<(Parameter Weight, Parameter? Bias)> shared = [];
    private int names;

    public static ModelGraph Build(int seed) => new RandomGraphs(seed).Build();

    private ModelGraph Build()
    {
        var pool = new List<Value>();
        for (var count = random.Next(1, 4); count > 0; count--)
            pool.Add(Source());
        AddShared();
        AddNodes(pool, random.Next(0, 4));
        for (var loop = random.Next(1, 4); loop > 0; loop--)
        {
            AddLoop(pool, new LoopId("Loop" + loop, random.Next(1, 4), ""));
            AddNodes(pool, random.Next(0, 4));
        }

        foreach (var value in pool.Where(value => value.CarriedBy is not null).Reverse().Take(1).Concat(Choose(pool, random.Next(0, 3))))
            graph.End(new TestLossOperator(), [value], []);
        return graph.Build();
    }

    private Value Source()
    {
        var width = Widths[random.Next(Widths.Length)];
        var y = graph.NewRows(NewName("Source"), width);
        graph.Add(new TestSourceOperator(Parameter("Source", width, null)), [], [y]);
        return y;
    }

    /// <summary>Pairs that any linear layer may use again, in a loop or outside.</summary>
    private void AddShared()
    {
        foreach (var rows in Widths)
        {
            foreach (var columns in Widths)
            {
                if (random.Next(2) == 0)
                    shared.Add((Parameter("SharedWeight", rows, columns), random.Next(2) == 0 ? Parameter("SharedBias", rows, null) : null));
            }
        }
    }

    private void AddLoop(List<Value> pool, LoopId id)
    {
        var carried = Choose(pool.Where(value => value.CarriedBy is null).ToList(), random.Next(1, 3));
        if (carried.Count == 0)
            carried.Add(Source());
        if (carried.Count == 1 && random.Next(2) == 0)
        {
            AddLoopThatPicks(pool, id, carried[0]);
            return;
        }

        graph.Repeat(id, carried, values =>
        {
            var body = new List<Value>(pool.Concat(values).Distinct());
            AddNodes(body, random.Next(1, 5));
            return [.. values.Select(value => Next(body, value))];
        });
        pool.AddRange(carried.Except(pool).ToArray());
    }

    /// <summary>A loop whose last layer goes on with some rows alone, from somewhere within it.</summary>
    private void AddLoopThatPicks(List<Value> pool, LoopId id, Value carried)
    {
        var (seedOfLayer, firstName) = (random.Next(), names);
        var last = graph.Repeat(id, carried, Picked, (x, pick) =>
        {
            // The last layer is built as those before it were.
            (random, names) = (new(seedOfLayer), firstName);
            var body = new List<Value>(pool.Append(x).Distinct());
            AddNodes(body, random.Next(1, 4));
            body.Add(pick(NewName("Picked"), Choose(body, 1)[0]));
            AddNodes(body, random.Next(1, 4));
            return Residual(pick(NewName("PickedToo"), x), body[body.Count - 1]);
        });
        pool.AddRange(pool.Contains(carried) ? [last] : [carried, last]);
    }

    /// <summary>What a layer hands on, which need not depend on what it was given.</summary>
    private Value Next(List<Value> body, Value carried)
    {
        var from = Choose(body, 1)[0];
        var next = random.Next(4) == 0
            ? Residual(Choose(OfWidth(body, carried.Width!), 1)[0], from)
            : Linear(from, carried.Width!);
        body.Add(next);
        return next;
    }

    private void AddNodes(List<Value> pool, int count)
    {
        for (; count > 0; count--)
        {
            var x = Choose(pool, 1)[0];
            var other = Choose(OfWidth(pool, x.Width!), 1)[0];
            var gain = random.Next(5) > 2;
            switch (random.Next(6))
            {
                case 0:
                    pool.Add(Linear(x, Widths[random.Next(Widths.Length)]));
                    break;
                case 1:
                    pool.Add(graph.Activate(NewName("Active"), x, ActivationKind.GeluErf));
                    break;
                case 2:
                    pool.Add(Residual(x, Choose(pool, 1)[0]));
                    break;
                case 3:
                    pool.Add(
                        graph.LayerNorm(NewName("Ln"), x, Parameter("Gain", x.Width!, null), gain ? Parameter("Bias", x.Width!, null) : null, 1e-5f));
                    break;
                case 4:
                    var both = graph.Linear(NewName("Gates"), x, Parameter("Weight", Dimension.Double(x.Width!), x.Width), bias: null);
                    pool.Add(graph.Highway(NewName("Highway"), both, other));
                    break;
                default:
                    var (weight, bias) = Layer(x, Widths[random.Next(Widths.Length)]);
                    pool.Add(graph.LinearActivation(NewName("Active"), NewName("Before"), x, weight, bias, ActivationKind.GeluErf));
                    break;
            }
        }
    }

    private Value Linear(Value x, Dimension width)
    {
        var (weight, bias) = Layer(x, width);
        return graph.Linear(NewName("Linear"), x, weight, bias);
    }

    private Value Residual(Value residual, Value x)
    {
        var (weight, bias) = Layer(x, residual.Width!);
        return graph.LinearResidual(NewName("Sum"), NewName("Branch"), residual, x, weight, bias);
    }

    /// <summary>Weights of a layer from a value to a width: shared ones or its own.</summary>
    private (Parameter Weight, Parameter? Bias) Layer(Value x, Dimension width)
    {
        var fitting = shared.Where(pair => pair.Weight.Rows == width && pair.Weight.Columns == x.Width).ToArray();
        return fitting.Length > 0 && random.Next(2) == 0
            ? fitting[random.Next(fitting.Length)]
            : (Parameter("Weight", width, x.Width), random.Next(2) == 0 ? Parameter("Bias", width, null) : null);
    }

    private Parameter Parameter(string name, Dimension rows, Dimension? columns) =>
        graph.AddParameter(NewName(name), "", rows, columns, GptGen.Generator.Graph.Initialization.Normal);

    private string NewName(string name) => name + ++names;

    private static List<Value> OfWidth(List<Value> pool, Dimension width) => [.. pool.Where(value => value.Width == width)];

    private List<Value> Choose(List<Value> pool, int count) => [.. pool.OrderBy(_ => random.Next()).Take(count)];
}
