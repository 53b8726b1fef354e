using GptGen.Generator.Graph;
using GptGen.Generator.Operators;

namespace GptGen.Generator.Autodiff;

/// <summary>
/// What gradient rules see during the reverse walk: their outputs' gradients, where their inputs' gradients go, and whether those are
/// written or added. Memory is reused in place whenever nobody still has to read it; where several gradients meet, the tape adds them.
/// </summary>
internal sealed class GradientTape
{
    /// <summary>Gradients of values whose producers the walk has yet to visit.</summary>
    private readonly Dictionary<Value, Value> pending = [];
    private readonly Dictionary<Value, Value> upstream = [];
    private readonly HashSet<(Parameter Parameter, LoopId? Loop)> written = [];
    private readonly List<(Value Input, Value Part)> parts = [];
    private readonly List<Call> calls = [];
    private readonly HashSet<string> names = new(StringComparer.Ordinal);
    private Loop? loop;

    /// <summary>The gradient of an output of the node being visited; throws when nothing depends on it.</summary>
    public Value Upstream(Value output) =>
        TryUpstream(output) ?? throw new InvalidOperationException($"Nothing depends on {output.Name}, so it has no gradient.");

    /// <summary>The gradient of an output of the node being visited, or null when nothing depends on it.</summary>
    public Value? TryUpstream(Value output) => upstream.TryGetValue(output, out var gradient) ? gradient : null;

    /// <summary>
    /// Where the rest of an output's gradient goes, for a rule that computes some of it itself: added to what the node's readers left, written over
    /// <paramref name="reuse"/> if that is given and free, or written to new memory.
    /// </summary>
    public (ValueOperand Gradient, WriteOperand Write) UpstreamTarget(Value output, Value? reuse = null)
    {
        if (TryUpstream(output) is not { } gradient)
            return (new(reuse is not null && CanReuse(reuse, output) ? reuse : NewGradient(output)), new(GradientWriting.Overwrite));
        if (IsFree(gradient, except: output))
            return (new(gradient), new(GradientWriting.Add));
        var own = NewGradient(output);
        Copy(gradient, own);
        return (new(own), new(GradientWriting.Add));
    }

    /// <summary>Whether the loss depends on <paramref name="value"/> as far as the walk has come.</summary>
    public bool HasGradient(Value value) => pending.ContainsKey(value);

    /// <summary>
    /// Where the gradient of <paramref name="input"/> goes: added to what later uses left, written over <paramref name="reuse"/> if that is
    /// given and free, or written to new memory. A value from outside the loop gets one gradient from all layers.
    /// </summary>
    public (ValueOperand Gradient, WriteOperand Write) Target(Value input, Value? reuse = null)
    {
        if (pending.TryGetValue(input, out var gradient))
        {
            if (!IsFree(gradient, except: input) || IsRead(gradient))
                gradient = Separate(input, gradient);
            return (new(gradient), new(GradientWriting.Add));
        }

        gradient = reuse is not null && CanReuse(reuse, input) ? reuse : NewGradient(input, IsOfLoop(input) ? loop?.Id : null);
        pending[input] = gradient;
        return (new(gradient), new(GradientWriting.Overwrite, OnFirstPass: !IsOfLoop(input)));
    }

    /// <summary>
    /// The same for a rule that can only write: where something is there already, the gradient goes to memory of its own, and the tape adds it after
    /// the rule's calls.
    /// </summary>
    public ValueOperand WriteTarget(Value input, Value? reuse = null)
    {
        if (!pending.ContainsKey(input) && IsOfLoop(input))
            return Target(input, reuse).Gradient;
        var part = reuse is not null && CanReuse(reuse, input) && IsFree(reuse) ? reuse : NewGradient(input);
        parts.Add((input, part));
        return new(part);
    }

    /// <summary>Where a parameter's gradient goes, and whether the walk meets the parameter for the first time.</summary>
    public (ParameterOperand Gradient, WriteOperand Write) Target(Parameter parameter) => parameter.IsFrozen
        ? throw new InvalidOperationException($"{parameter.Name} is frozen, so it has no gradient.")
        : (new(parameter, Gradient: true), IsMetFirst(parameter)
            ? new(GradientWriting.Accumulate, OnFirstPass: loop is not null && parameter.Loop != loop.Id)
            : new(GradientWriting.Add));

    /// <summary>Where a bias's gradient goes, which one call writes with that of the weight; an absent one and a frozen one have none.</summary>
    public ParameterOperand TargetOf(Parameter? bias, WriteOperand weightWrite)
    {
        if (bias is null or { IsFrozen: true })
            return new(null);
        var (gradient, write) = Target(bias);
        return write == weightWrite
            ? gradient
            : throw new InvalidOperationException($"{bias.Name} is shared by other uses than the weight that it is learned with.");
    }

    /// <summary>
    /// Makes <paramref name="gradient"/> the gradient of <paramref name="input"/>: without a copy, unless there is something to add it to.
    /// </summary>
    public void Alias(Value input, Value gradient)
    {
        if (pending.ContainsKey(input) || !IsOfLoop(input))
            parts.Add((input, gradient));
        else
            pending[input] = gradient;
    }

    /// <summary>Memory for a gradient of <paramref name="input"/>, within the layer.</summary>
    public Value NewGradient(Value input) => NewGradient(input, loop?.Id);

    /// <summary>What a call returns that gives back either of its operands.</summary>
    public static Value Either(Value operand, Value memory) =>
        new(memory.Name, memory.Kind, memory.Extent, memory.Width, memory.PerExtent, memory.Loop) { Backing = [operand, memory] };

    /// <summary>Adds a call of the backward pass.</summary>
    public void Call(string method, params Operand[] operands) => calls.Add(new(method, operands));

    /// <summary>Adds a call that only the layers of the loop above the first make.</summary>
    public void CallAboveFirst(string method, params Operand[] operands) => calls.Add(new(method, operands) { IsAboveFirst = true });

    /// <summary>Adds a call that returns <paramref name="result"/>.</summary>
    public void Call(Value result, string method, params Operand[] operands) => calls.Add(new(method, operands, result));

    /// <summary>Differentiates one node, unless nothing depends on it; its outputs' gradients are free for reuse from then on.</summary>
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

        if (upstream.Count == 0 && !node.IsEnd)
            return;
        try
        {
            node.Operator.Differentiate(node, this);
            upstream.Clear();
            AddParts();
        }
        catch (Exception fault)
        {
            throw new LoweringException(node.Operator, fault);
        }
    }

    /// <summary>
    /// Goes into a loop, from its last layer. What the layers hand on to one another lies where each finds it; what they share is added to in
    /// memory that is nobody else's.
    /// </summary>
    /// <returns>Where the gradients lie that the layers hand on.</returns>
    public IReadOnlyList<Value> Enter(Loop entered)
    {
        var shared = entered.Nodes.SelectMany(node => node.Inputs).Where(input => input.Loop is null).Concat(entered.Carried).Distinct();
        foreach (var value in shared)
        {
            if (pending.TryGetValue(value, out var gradient) && !IsFree(gradient, except: value))
                Separate(value, gradient);
        }

        var handed = new List<Value>();
        foreach (var (carried, last) in entered.Carried.Zip(LastOf(entered), static (carried, last) => (carried, last)))
        {
            if (!pending.TryGetValue(carried, out var gradient))
            {
                gradient = NewGradient(carried);
                Call("Clear", new ValueOperand(gradient));
            }

            pending.Remove(carried);
            pending[last] = gradient;
            handed.Add(gradient);
        }

        loop = entered;
        return handed;
    }

    /// <summary>Ends a layer: what it hands on goes where the next one finds it.</summary>
    public void Leave(IReadOnlyList<Value> handed)
    {
        var moves = new List<(Value From, Value To)>();
        var unread = new List<Value>();
        for (var index = 0; index < handed.Count; index++)
        {
            var (carried, to) = (loop!.Carried[index], handed[index]);
            if (!pending.TryGetValue(carried, out var from))
                unread.Add(to);
            else if (from != to)
                moves.Add((from, to));
            pending[carried] = to;
        }

        // What another's move would overwrite first goes out of its way.
        for (var index = 0; index < moves.Count; index++)
        {
            if (!moves.Any(other => other.To.Owners.Intersect(moves[index].From.Owners).Any()))
                continue;
            var aside = NewGradient(moves[index].From);
            Copy(moves[index].From, aside);
            moves[index] = (aside, moves[index].To);
        }

        foreach (var (from, to) in moves)
            Copy(from, to);
        foreach (var to in unread)
            Call("Clear", new ValueOperand(to));
        loop = null;
    }

    /// <summary>The calls since the last time.</summary>
    public IReadOnlyList<Call> Take()
    {
        Call[] taken = [.. calls];
        calls.Clear();
        return taken;
    }

    /// <summary>
    /// Whether nothing was written yet where the parameter's gradient goes. What is used in slices begins with its slices, all of them; a last layer
    /// that stands apart has another gradient than the layers of the loop.
    /// </summary>
    private bool IsMetFirst(Parameter parameter)
    {
        if (parameter.Within is var (whole, _) && written.Contains((whole, null)))
            return false;
        var slices = written.Select(other => other.Parameter).Where(other => other.Within?.Whole == parameter).ToArray();
        if (slices.Length > 0 && slices.Sum(slice => slice.Rows.Size) != parameter.Rows.Size)
            throw new InvalidOperationException($"Only some rows of {parameter.Name} have a gradient where all are needed.");
        return written.Add((parameter, parameter.Loop is null ? null : loop?.Id)) && slices.Length == 0;
    }

    /// <summary>What a layer hands on, in the order of the carried values.</summary>
    private static IEnumerable<Value> LastOf(Loop loop) =>
        loop.Carried.Select(carried => loop.Nodes.SelectMany(node => node.Outputs).Single(output => output.HandedOnAs == carried));

    /// <summary>Whether each pass of the current loop computes or carries the value, so that its gradient is that pass's alone.</summary>
    private bool IsOfLoop(Value value) => loop is null || value.Loop == loop.Id || value.CarriedBy == loop.Id;

    /// <summary>Adds what rules could only write.</summary>
    private void AddParts()
    {
        foreach (var (input, part) in parts)
        {
            var (gradient, write) = Target(input);
            Call("Accumulate", new ValueOperand(part), gradient, write);
        }

        parts.Clear();
    }

    /// <summary>Gives the gradient of <paramref name="input"/> memory that it shares with no other.</summary>
    private Value Separate(Value input, Value gradient)
    {
        var own = NewGradient(input);
        Copy(gradient, own);
        return pending[input] = own;
    }

    private void Copy(Value from, Value to) =>
        Call("Accumulate", new ValueOperand(from), new ValueOperand(to), new WriteOperand(GradientWriting.Overwrite));

    /// <summary>Whether the gradient's memory may be overwritten by that of <paramref name="input"/>.</summary>
    private bool CanReuse(Value gradient, Value input) =>
        gradient.Backing.Count == 0 && gradient.Kind == input.Kind && gradient.Extent == input.Extent && gradient.PerExtent == input.PerExtent
        && IsOfLoop(input) && IsFree(gradient, except: input);

    /// <summary>Whether no value but <paramref name="except"/> still has to hand this memory to its producer.</summary>
    private bool IsFree(Value gradient, Value? except = null) =>
        !pending.Any(pair => pair.Key != except && pair.Value.Owners.Intersect(gradient.Owners).Any())
        && !parts.Any(part => part.Part.Owners.Intersect(gradient.Owners).Any());

    /// <summary>Whether the node being visited reads this memory.</summary>
    private bool IsRead(Value gradient) => upstream.Values.Any(other => other.Owners.Intersect(gradient.Owners).Any());

    private Value NewGradient(Value input, LoopId? of)
    {
        var name = "D" + input.Name;
        for (var number = 2; !names.Add(name); number++)
            name = $"D{input.Name}{number}";
        return new(name, input.Kind, input.Extent, input.Width, input.PerExtent, of);
    }
}
