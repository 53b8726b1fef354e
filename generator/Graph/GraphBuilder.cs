using GptGen.Generator.Operators;

namespace GptGen.Generator.Graph;

/// <summary>
/// Builds a graph in the order of the computation. Architectures call the methods that each operator's file adds to it.
/// </summary>
internal sealed class GraphBuilder(Phase phase, int layers)
{
    private readonly List<Parameter> parameters = [];
    private readonly List<Node> before = [];
    private readonly List<Node> body = [];
    private readonly List<Node> after = [];
    private readonly List<Node> ends = [];
    private List<Node>? current;
    private Value? carried;
    private string? heading;
    private int sites;

    public Phase Phase { get; } = phase;

    /// <summary>Whether the nodes being added belong to a layer.</summary>
    public bool InLayer => current == body;

    /// <summary>The extent of values being computed; the last rows' part of a prefill has one a sequence.</summary>
    public Extent Extent { get; set; } = Extent.Row;

    /// <summary>The language model's logits, once there are any.</summary>
    public Value? Logits { get; set; }

    /// <summary>A task head's scores, once there are any.</summary>
    public Value? Scores { get; set; }

    public Parameter AddParameter(
        string name, string fileName, Dimension rows, Dimension? columns, Initialization initialization, float deviation = 0,
        StoredLayout layout = StoredLayout.Linear)
    {
        var parameter = new Parameter(name, InLayer ? "h.{layer}." + fileName : fileName, rows, columns, InLayer, layout, initialization, deviation);
        parameters.Add(parameter);
        return parameter;
    }

    /// <summary>A new value of the rows being computed.</summary>
    public Value NewRows(string name, Dimension width) => Value.OfRows(name, Extent, width, InLayer);

    /// <summary>The number of the next dropout site in the layer; sites outside the layers follow the layers' own.</summary>
    public int NextSite() => sites++;

    /// <summary>Introduces the part of the model that the next node begins.</summary>
    public void Heading(string text) => heading = text;

    public void Add(Operator op, IReadOnlyList<Value> inputs, IReadOnlyList<Value> outputs) => (current ??= before).Add(NewNode(op, inputs, outputs));

    /// <summary>Adds a node that ends the graph: a loss, or logits. The backward pass begins with the last.</summary>
    public void End(Operator op, IReadOnlyList<Value> inputs, IReadOnlyList<Value> outputs) => ends.Add(NewNode(op, inputs, outputs));

    /// <summary>Runs <paramref name="layer"/>'s nodes once a layer; it returns the value that the next layer begins with.</summary>
    public Value Repeat(Value first, Func<Value, Value> layer)
    {
        current = body;
        first.IsCarried = true;
        carried = first;
        var last = layer(first);
        // The body writes the next instance of the carried value directly.
        var producer = body.FindIndex(node => node.Outputs.Contains(last));
        if (producer < 0)
            throw new InvalidOperationException("A layer must compute the value that it hands on.");
        Substitute(producer, last, first);
        current = after;
        return first;
    }

    /// <param name="hidden">The final hidden state.</param>
    public ModelGraph Build(Value hidden) => new(
        Phase, layers, before, new(body, carried ?? throw new InvalidOperationException("A model needs layers.")), after, ends, parameters, hidden,
        Logits, Scores);

    private Node NewNode(Operator op, IReadOnlyList<Value> inputs, IReadOnlyList<Value> outputs)
    {
        var node = new Node(op, inputs, outputs) { Heading = heading };
        heading = null;
        return node;
    }

    private void Substitute(int producer, Value last, Value carriedValue)
    {
        if (body.Skip(producer + 1).Any(node => node.Inputs.Contains(last)))
            throw new InvalidOperationException($"{last.Name} is handed on to the next layer and may not be read again in its own.");
        var node = body[producer];
        body[producer] = new(node.Operator, node.Inputs, [.. node.Outputs.Select(output => output == last ? carriedValue : output)]) { Heading = node.Heading };
    }
}
