using GptGen.Generator.Operators;

namespace GptGen.Generator.Graph;

/// <summary>
/// Builds a graph in the order of the computation. Architectures call the methods that each operator's file adds to it.
/// </summary>
internal sealed class GraphBuilder(GraphKind kind)
{
    /// <summary>What the names of a last layer's values begin with, where it stands apart.</summary>
    private const string LastPrefix = "Last";

    private readonly List<Parameter> parameters = [];
    private readonly List<Parameter> slices = [];
    private readonly List<Parameter> absentBiases = [];
    private readonly List<Dimension> dimensions = [];
    private readonly List<Value> logits = [];
    private readonly List<Section> sections = [];
    private readonly List<Node> ends = [];
    private readonly List<(string Member, Value Value)> results = [];
    private readonly List<(string Member, Value Value)> states = [];
    private List<Node> nodes = [];
    private string? heading;
    private int sites;
    private LoopId? lastOf;

    public GraphKind Kind { get; } = kind;

    /// <summary>Whether the model has the biases that its architecture has.</summary>
    public bool HasBiases { get; init; } = true;

    /// <summary>Whether values that only the backward pass reads are computed.</summary>
    public bool IsDifferentiated => Kind.IsDifferentiated;

    /// <summary>The loop that the nodes being added belong to.</summary>
    public LoopId? CurrentLoop { get; private set; }

    /// <summary>The extent of values being computed; the last rows' part of a prefill has one a sequence.</summary>
    public Extent Extent { get; set; } = Extent.Row;

    /// <summary>Whether parameters that are added from here on are frozen.</summary>
    public bool Freezes { get; set; }

    public Parameter AddParameter(
        string name, string fileName, Dimension rows, Dimension? columns, Initialization initialization, float deviation = 0,
        StoredLayout layout = StoredLayout.Linear, int window = 1)
    {
        if (lastOf is not null)
            return OfLastLayer(name);
        var parameter = NewParameter(name, fileName, rows, columns, initialization, deviation, layout, window);
        parameters.Add(parameter);
        return parameter;
    }

    /// <summary>
    /// A bias, or null where the model is declared without: its folders have zeros there, since the architecture's published class has one.
    /// </summary>
    /// <param name="name">Name in the generated code.</param>
    /// <param name="fileName">Name in files.</param>
    /// <param name="rows">Its length.</param>
    /// <param name="parts">The tensors that files keep its rows apart in; none for one tensor.</param>
    public Parameter? AddBias(string name, string fileName, Dimension rows, params StoredPart[] parts)
    {
        if (lastOf is not null)
            return HasBiases ? OfLastLayer(name) : null;
        var bias = NewParameter(name, fileName, rows, null, Initialization.Zeros);
        if (parts.Length > 0)
            bias.StoredIn(parts);
        (HasBiases ? parameters : absentBiases).Add(bias);
        return HasBiases ? bias : null;
    }

    /// <summary>Adds a constant of the model: training leaves it as it is.</summary>
    /// <param name="parameter">The constant.</param>
    public Parameter AddConstant(Parameter parameter)
    {
        if (!parameter.IsFrozen || parameter.Loop is not null)
            throw new InvalidOperationException($"{parameter.Name} is no constant of the model.");
        parameters.Add(parameter);
        return parameter;
    }

    /// <summary>Some rows of a parameter, which operators use alone: see <see cref="Parameter.Slice"/>.</summary>
    public Parameter AddSlice(string name, Parameter whole, int firstRow, Dimension rows)
    {
        slices.Add(whole.Slice(name, firstRow, rows));
        return slices[slices.Count - 1];
    }

    /// <summary>Declares a size that no parameter has.</summary>
    public void Declare(Dimension dimension) => dimensions.Add(dimension);

    /// <summary>
    /// Logits of a vocabulary, or of a part of it, in the workspace: where those at the same place are no longer needed, and behind
    /// <paramref name="behind"/>, which are.
    /// </summary>
    public Value NewLogits(string name, Dimension width, params Value[] behind)
    {
        logits.Add(Value.OfLogits(name, width, behind.Sum(value => value.Width!.Stored)));
        return logits[logits.Count - 1];
    }

    /// <summary>A new value of the rows being computed.</summary>
    public Value NewRows(string name, Dimension width, bool isConstant = false) => NewRows(name, Extent, width, isConstant);

    /// <summary>A new value, one of each of <paramref name="extent"/>.</summary>
    public Value NewRows(string name, Extent extent, Dimension width, bool isConstant = false) =>
        Value.OfRows(lastOf is null ? name : LastPrefix + name, extent, width, CurrentLoop, isConstant);

    /// <summary>New numbers, <paramref name="perRow"/> of them for each row being computed.</summary>
    public Value NewStatistics(string name, int perRow) =>
        Value.OfStatistics(lastOf is null ? name : LastPrefix + name, Extent, perRow, CurrentLoop);

    /// <summary>The next dropout site in the layer; sites outside the layers follow the layers' own.</summary>
    public DropoutOperand NextDropout() => new(sites++, CurrentLoop is not null || lastOf is not null);

    /// <summary>Introduces the part of the model that the next node begins.</summary>
    public void Heading(string text) => heading = text;

    public void Add(Operator op, IReadOnlyList<Value> inputs, IReadOnlyList<Value> outputs) => nodes.Add(NewNode(op, inputs, outputs));

    /// <summary>Adds a node that ends the graph: a loss, or logits. The backward pass begins with the last.</summary>
    public void End(Operator op, IReadOnlyList<Value> inputs, IReadOnlyList<Value> outputs) 
    {
        var node = NewNode(op, inputs, outputs);
        node.IsEnd = true;
        ends.Add(node);
    }

    /// <summary>Lets the host read a value after the graph has run.</summary>
    /// <param name="member">The runtime's member that says where it is.</param>
    /// <param name="value">The value.</param>
    public void Result(string member, Value value) => results.Add((member, value));

    /// <summary>Lets the host read what is carried from layer to layer, where the kind of graph shows it.</summary>
    /// <param name="member">The runtime's member that says where the states before a layer are.</param>
    /// <param name="carried">The carried value.</param>
    public void ResultOfLayers(string member, Value carried)
    {
        if (Kind.ShowsLayers)
            states.Add((member, carried));
    }

    /// <summary>Runs <paramref name="layer"/>'s nodes once a layer; it returns the values that the next layer begins with.</summary>
    /// <param name="id">The loop.</param>
    /// <param name="first">The values that the first layer begins with, no two of them the same.</param>
    /// <param name="layer">Builds the body.</param>
    public IReadOnlyList<Value> Repeat(LoopId id, IReadOnlyList<Value> first, Func<IReadOnlyList<Value>, IReadOnlyList<Value>> layer)
    {
        if (CurrentLoop is not null || sections.OfType<Loop>().Any(loop => loop.Id.Count == id.Count))
            throw new InvalidOperationException($"The loop {id.Count} begins within a loop or for the second time.");
        EndRun();
        CurrentLoop = id;
        foreach (var value in first)
            value.CarriedBy = value.CarriedBy is null ? id : throw new InvalidOperationException($"{value.Name} is carried already.");
        var last = layer(first);
        if (last.Count != first.Count)
            throw new InvalidOperationException($"The loop {id.Count} carries {first.Count} values, but a layer hands on {last.Count}.");
        for (var index = 0; index < first.Count; index++)
            HandOn(last[index], first[index]);
        sections.Add(new Loop(id, nodes, first));
        (nodes, CurrentLoop) = ([], null);
        return first;
    }

    /// <summary>The same with one carried value.</summary>
    public Value Repeat(LoopId id, Value first, Func<Value, Value> layer) => Repeat(id, [first], values => [layer(values[0])])[0];

    /// <summary>
    /// The same, but of the last layer's rows only some go on where the layer picks them: the others, that nobody reads, are not computed. That layer
    /// then stands behind the loop, with values of its own.
    /// </summary>
    /// <param name="id">The loop.</param>
    /// <param name="first">The value that the first layer begins with.</param>
    /// <param name="read">The rows that are read behind the layers; null for all of them, which need no layer apart.</param>
    /// <param name="layer">Builds the body from the value that a layer begins with and what picks rows of a value, under a name of their own.</param>
    public Value Repeat(LoopId id, Value first, GraphInput? read, Func<Value, Func<string, Value, Value>, Value> layer)
    {
        if (read is null)
            return Repeat(id, first, x => layer(x, static (_, value) => value));
        id = id with { EndsApart = true };
        var sitesBefore = sites;
        var x = Repeat(id, first, x => layer(x, static (_, value) => value));
        (lastOf, sites) = (id, sitesBefore);
        var last = layer(x, (name, value) => this.Gather(name, value, read));
        EndRun();
        lastOf = null;
        return x.EndsAs = last;
    }

    public ModelGraph Build()
    {
        EndRun();
        return new(Kind, sections, ends, parameters, results, states, logits)
        {
            Slices = slices,
            AbsentBiases = absentBiases,
            Dimensions = dimensions,
        };
    }

    private Parameter NewParameter(
        string name, string fileName, Dimension rows, Dimension? columns, Initialization initialization, float deviation = 0,
        StoredLayout layout = StoredLayout.Linear, int window = 1) =>
        new(name, CurrentLoop?.FilePrefix + fileName, rows, columns, CurrentLoop, layout, initialization, deviation)
        {
            Window = window,
            IsFrozen = Freezes,
        };

    private Parameter OfLastLayer(string name) => parameters.Single(parameter => parameter.Name == name && parameter.Loop == lastOf);

    private void EndRun()
    {
        if (nodes.Count > 0)
            sections.Add(new Run(nodes) { LastOf = lastOf });
        nodes = [];
    }

    private Node NewNode(Operator op, IReadOnlyList<Value> inputs, IReadOnlyList<Value> outputs)
    {
        foreach (var value in inputs)
        {
            if (value.Loop is { } loop && loop != CurrentLoop)
                throw new InvalidOperationException($"{value.Name} belongs to a layer of {loop.Count} and is read outside: carry it.");
            value.Readers++;
        }

        var node = new Node(op, inputs, outputs) { Heading = heading };
        heading = null;
        return node;
    }

    /// <summary>The body writes the next instance of the carried value directly.</summary>
    private void HandOn(Value last, Value carried)
    {
        if (last.HandedOnAs is not null || !nodes.Any(node => node.Outputs.Contains(last)))
            throw new InvalidOperationException($"A layer must compute the value that it hands on as {carried.Name}, and no other in its place.");
        if ((last.Kind, last.Extent, last.Width) != (carried.Kind, carried.Extent, carried.Width))
            throw new InvalidOperationException($"A layer hands on {last.Name} as {carried.Name}, which has another form.");
        last.HandedOnAs = carried;
    }
}
