using GptGen.Generator.Operators;

namespace GptGen.Generator.Graph;

/// <summary>One use of an operator. Subclasses of <see cref="Operator"/> know what inputs and outputs mean.</summary>
internal sealed class Node(Operator op, IReadOnlyList<Value> inputs, IReadOnlyList<Value> outputs)
{
    public Operator Operator { get; } = op;

    public IReadOnlyList<Value> Inputs { get; } = inputs;

    public IReadOnlyList<Value> Outputs { get; } = outputs;

    /// <summary>Whether it ends the graph: the loss begins here, so that nothing has to depend on its outputs.</summary>
    public bool IsEnd { get; set; }

    /// <summary>A line that introduces a part of the model in the generated code.</summary>
    public string? Heading { get; set; }
}
