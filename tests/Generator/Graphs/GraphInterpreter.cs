using GptGen.Generator.Graph;
using GptGen.Generator.Memory;
using GptGen.Generator.Operators;

namespace GptGen.Generator.Tests.Graphs;

/// <summary>
/// Runs a lowered graph in float64, call by call, in the memory that it was planned for: what the generated code does, without a compiler. Memory
/// begins as NaN, so that nothing is read which nobody wrote.
/// </summary>
internal sealed class GraphInterpreter
{
    /// <summary>Rows of the graphs' one batch.</summary>
    public const int Rows = 4;

    private readonly LoweredGraph graph;
    private readonly double[] values;
    private readonly double[] statistics;
    private readonly Dictionary<Value, Value> returned = [];
    private CallSection section = null!;
    private int layer;

    public GraphInterpreter(LoweredGraph graph)
    {
        this.graph = graph;
        (values, statistics) = (Fresh(graph.Plan.Values), Fresh(graph.Plan.Statistics));
    }

    /// <summary>Weights, one array a parameter and layer.</summary>
    public Dictionary<(Parameter Parameter, int Layer), double[]> Weights { get; init; } = [];

    /// <summary>Their gradients, NaN until they are written.</summary>
    public Dictionary<(Parameter Parameter, int Layer), double[]> Gradients { get; } = [];

    /// <summary>Whether dropout's backward call writes memory of its own, as it does when something is dropped; the mask then keeps all.</summary>
    public bool CopiesBranches { get; init; }

    /// <summary>The sum of the losses of the last pass.</summary>
    public double Loss { get; private set; }

    /// <summary>Runs the forward pass and, where it is asked for, the backward pass.</summary>
    public void Run(bool backward, bool accumulate = false)
    {
        Loss = 0;
        foreach (var part in graph.Forward)
            Run(part, accumulate, isReversed: false);
        Run(graph.Ends, accumulate, isReversed: false);
        if (!backward)
            return;
        foreach (var part in graph.Backward)
            Run(part, accumulate, isReversed: true);
    }

    private static double[] Fresh(ArenaPlan plan)
    {
        var memory = new double[plan.Regions.Sum(region => region.PerRow) * Rows];
        Array.Fill(memory, double.NaN);
        return memory;
    }

    private void Run(CallSection part, bool accumulate, bool isReversed)
    {
        section = part;
        var times = part.Loop?.Passes ?? 1;
        for (var pass = 0; pass < times; pass++)
        {
            layer = part.LastOf is { } last ? last.Layers - 1 : isReversed ? times - 1 - pass : pass;
            foreach (var call in part.Calls)
                TestKernels.Run(call.Method, new(this, call, accumulate, IsFirstPass: pass == 0));
        }
    }

    /// <summary>A call's operands as the kernels see them.</summary>
    internal readonly record struct Arguments(GraphInterpreter Owner, Call Call, bool Accumulate, bool IsFirstPass)
    {
        /// <summary>Rows, a statistic, a weight or its gradient; empty where it is absent.</summary>
        public ArraySegment<double> this[int operand] => Call.Operands[operand] switch
        {
            ValueOperand value => Owner.MemoryOf(value.Value),
            ParameterOperand { Parameter: { } parameter, Gradient: var isGradient } => Owner.MemoryOf(parameter, isGradient),
            _ => ArraySegment<double>.Empty,
        };

        /// <summary>The width of an operand's rows.</summary>
        public int Width(int operand) => ((ValueOperand)Call.Operands[operand]).Value.Width!.Size;

        /// <summary>Whether a gradient is added to what is there.</summary>
        public bool IsAdded(int operand)
        {
            var write = (WriteOperand)Call.Operands[operand];
            return (write.OnFirstPass && !IsFirstPass) || write.Writing == GradientWriting.Add
                || (write.Writing == GradientWriting.Accumulate && Accumulate);
        }

        public void AddLoss(double loss) => Owner.Loss += loss;

        /// <summary>Answers which of two operands the call gave back.</summary>
        public void Return(int operand) => Owner.returned[Call.Result!] = ((ValueOperand)Call.Operands[operand]).Value;

        public bool CopiesBranches => Owner.CopiesBranches;
    }

    private ArraySegment<double> MemoryOf(Parameter parameter, bool isGradient)
    {
        var key = (parameter, parameter.Loop is null ? 0 : layer);
        if (!isGradient)
            return new(Weights[key]);
        if (!Gradients.TryGetValue(key, out var gradient))
        {
            gradient = Gradients[key] = new double[parameter.Count];
            Array.Fill(gradient, double.NaN);
        }

        return new(gradient);
    }

    private ArraySegment<double> MemoryOf(Value value)
    {
        while (value.Backing.Count > 0)
            value = returned[value];
        var planned = value.Planned;
        var place = graph.Plan.Places[planned];
        var instance = planned.CarriedBy is { } by ? Instance(value, by) : layer;
        instance = place.Instances == 1 ? 0 : planned.CarriedBy is not null && place.Instances == 2 ? instance & 1 : instance;
        var arena = planned.Kind == ValueKind.Rows ? values : statistics;
        return new(arena, (int)(Rows * (place.Offset + (instance * place.PerInstance))), Rows * planned.PerExtent);
    }

    private int Instance(Value value, LoopId by)
    {
        if (section.Loop == by)
            return value.HandedOnAs is null ? layer : layer + 1;
        var index = graph.Graph.Sections.ToList().FindIndex(part => part is Loop loop && loop.Id == by);
        return section.Position <= index ? 0 : by.Passes;
    }
}
