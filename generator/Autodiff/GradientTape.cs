using GptGen.Generator.Graph;
using GptGen.Generator.Operators;

namespace GptGen.Generator.Autodiff;

/// <summary>
/// What gradient rules see during the reverse walk: their outputs' gradients, where their inputs' gradients go, and whether those are
/// written or added. Memory is reused in place whenever nobody still has to read it.
/// </summary>
internal sealed class GradientTape
{
    /// <summary>Gradients of values whose producers the walk has yet to visit.</summary>
    private readonly Dictionary<Value, Value> pending = [];
    private readonly Dictionary<Value, Value> upstream = [];
    private readonly HashSet<Parameter> written = [];
    private readonly List<Call> calls = [];

    /// <summary>Whether the nodes being differentiated belong to a layer.</summary>
    public bool InLayer { get; set; }

    /// <summary>The gradient of an output of the node being visited; throws when nothing depends on it.</summary>
    public Value Upstream(Value output) =>
        TryUpstream(output) ?? throw new InvalidOperationException($"Nothing depends on {output.Name}, so it has no gradient.");

    /// <summary>The gradient of an output of the node being visited, or null when nothing depends on it.</summary>
    public Value? TryUpstream(Value output) => upstream.TryGetValue(output, out var gradient) ? gradient : null;

    /// <summary>The gradient of <paramref name="value"/> so far, or null.</summary>
    public Value? Pending(Value value) => pending.TryGetValue(value, out var gradient) ? gradient : null;

    /// <summary>
    /// Where the gradient of <paramref name="input"/> goes: added to what later uses left, written over <paramref name="reuse"/> if that is
    /// given and free, or written to new memory.
    /// </summary>
    public (ValueOperand Gradient, WriteOperand Write) Target(Value input, Value? reuse = null)
    {
        if (pending.TryGetValue(input, out var gradient))
        {
            if (!IsFree(gradient, except: input))
                throw new InvalidOperationException($"The gradient of {input.Name} would change while another value still needs it.");
            return (new(gradient), new(GradientWriting.Add));
        }

        gradient = reuse is not null && CanReuse(reuse, input) ? reuse : NewGradient(input);
        pending[input] = gradient;
        return (new(gradient), new(GradientWriting.Overwrite));
    }

    /// <summary>Where a parameter's gradient goes, and whether the walk meets the parameter for the first time.</summary>
    public (ParameterOperand Gradient, WriteOperand Write) Target(Parameter parameter) =>
        (new(parameter, Gradient: true), new(written.Add(parameter) ? GradientWriting.Accumulate : GradientWriting.Add));

    /// <summary>Where an absent or present bias's gradient goes; it is written as its weight is.</summary>
    public ParameterOperand TargetOf(Parameter? bias) => bias is null ? new(null) : Target(bias).Gradient;

    /// <summary>Makes <paramref name="gradient"/> the gradient of <paramref name="input"/>, without a copy.</summary>
    public void Alias(Value input, Value gradient)
    {
        if (pending.ContainsKey(input))
            throw new InvalidOperationException($"{input.Name} already has a gradient that {gradient.Name} would have to be added to.");
        pending[input] = gradient;
    }

    /// <summary>Whether the gradient's memory may be overwritten by that of <paramref name="input"/>.</summary>
    public bool CanReuse(Value gradient, Value input) =>
        gradient.Backing.Count == 0 && gradient.Kind == input.Kind && gradient.Extent == input.Extent && gradient.PerExtent == input.PerExtent
        && IsFree(gradient, except: input);

    /// <summary>Memory for a gradient of <paramref name="input"/>.</summary>
    public Value NewGradient(Value input) => new("D" + input.Name, input.Kind, input.Extent, input.Width, input.PerExtent, InLayer);

    /// <summary>Adds a call of the backward pass.</summary>
    public void Call(string method, params Operand[] operands) => calls.Add(new(method, operands));

    /// <summary>Adds a call that returns <paramref name="result"/>.</summary>
    public void Call(Value result, string method, params Operand[] operands) => calls.Add(new(method, operands, result));

    /// <summary>Differentiates one node; its outputs' gradients are free for reuse from then on.</summary>
    public void Visit(Node node)
    {
        upstream.Clear();
        foreach (var output in node.Outputs)
        {
            if (pending.TryGetValue(output, out var gradient))
            {
                upstream[output] = gradient;
                pending.Remove(output);
            }
        }

        try
        {
            node.Operator.Differentiate(node, this);
        }
        catch (Exception fault)
        {
            throw new LoweringException(node.Operator, fault);
        }
    }

    /// <summary>The calls since the last time.</summary>
    public IReadOnlyList<Call> Take()
    {
        Call[] taken = [.. calls];
        calls.Clear();
        return taken;
    }

    /// <summary>Whether no value but <paramref name="except"/> still has to hand this memory to its producer.</summary>
    private bool IsFree(Value gradient, Value except) =>
        !pending.Any(pair => pair.Key != except && Memory(pair.Value).Intersect(Memory(gradient)).Any());

    private static IEnumerable<Value> Memory(Value value) => value.Backing.Count == 0 ? [value] : value.Backing.SelectMany(Memory);
}
