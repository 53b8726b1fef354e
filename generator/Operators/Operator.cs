using GptGen.Generator.Autodiff;
using GptGen.Generator.Graph;
using GptGen.Generator.Spec;

namespace GptGen.Generator.Operators;

/// <summary>
/// A differentiable operation: how it is called and what its gradients are. Each subclass's file also adds the method to
/// <see cref="GraphBuilder"/> that computes its outputs' shapes. Adding an operator changes nothing else in the generator.
/// </summary>
internal abstract class Operator
{
    /// <summary>The forward call, of an operator that has one.</summary>
    public virtual Call Forward(Node node) => throw new InvalidOperationException($"{GetType().Name} has no forward call.");

    /// <summary>The forward calls.</summary>
    public virtual IReadOnlyList<Call> Calls(Node node) => [Forward(node)];

    /// <summary>
    /// The call by which a backward pass computes the first output anew, from values that are kept anyway, and the first choice that asks for it;
    /// null where the output is always kept.
    /// </summary>
    /// <param name="node">The node.</param>
    /// <param name="again">Where to.</param>
    public virtual (RecomputationKind From, Call Call)? Recompute(Node node, Value again) => null;

    /// <summary>Adds the backward calls to <paramref name="tape"/>, which knows the outputs' gradients.</summary>
    public virtual void Differentiate(Node node, GradientTape tape) =>
        throw new InvalidOperationException($"{GetType().Name} has no gradient rule.");

    protected static ValueOperand Of(Value value) => new(value);

    protected static ParameterOperand Of(Parameter? parameter) => new(parameter);

    protected static InputOperand Of(GraphInput input) => new(input);

    protected static NumberOperand Of(float number) => new(number);
}
