using GptGen.Generator.Autodiff;
using GptGen.Generator.Graph;

namespace GptGen.Generator.Operators;

/// <summary>
/// A differentiable operation: how it is called and what its gradients are. Each subclass's file also adds the method to
/// <see cref="GraphBuilder"/> that computes its outputs' shapes. Adding an operator changes nothing else in the generator.
/// </summary>
internal abstract class Operator
{
    /// <summary>The forward call.</summary>
    public abstract Call Forward(Node node);

    /// <summary>Adds the backward calls to <paramref name="tape"/>, which knows the outputs' gradients.</summary>
    public virtual void Differentiate(Node node, GradientTape tape) =>
        throw new InvalidOperationException($"{GetType().Name} has no gradient rule.");

    protected static ValueOperand Of(Value value) => new(value);

    /// <summary>An output; a layer's new value of what it carries is the instance that the next layer begins with.</summary>
    protected static ValueOperand Out(Node node, int index)
    {
        var value = node.Outputs[index];
        return new(value, Next: value.IsCarried && node.Inputs.Any(input => input.InLayer));
    }

    protected static ParameterOperand Of(Parameter? parameter) => new(parameter);

    protected static TextOperand Of(string text) => new(text);

    protected static TextOperand Of(float number) => new(number.ToString("R", System.Globalization.CultureInfo.InvariantCulture) + "f");
}
