using GptGen.Generator.Graph;

namespace GptGen.Generator.Operators;

/// <summary>An argument of a call to the device.</summary>
internal abstract record Operand;

/// <summary>An activation, statistic or gradient.</summary>
/// <param name="Value">Which.</param>
/// <param name="Next">Whether the instance that the next layer begins with is meant.</param>
internal sealed record ValueOperand(Value Value, bool Next = false) : Operand;

/// <summary>Some columns of a packed value, by the name of the method that gives them.</summary>
/// <param name="Packed">The value.</param>
/// <param name="Part">"Query", "Key" or "Value".</param>
internal sealed record SliceOperand(ValueOperand Packed, string Part) : Operand;

/// <summary>A weight or its gradient; null is an absent bias.</summary>
internal sealed record ParameterOperand(Parameter? Parameter, bool Gradient = false) : Operand;

/// <summary>How a gradient goes to its memory.</summary>
internal enum GradientWriting
{
    /// <summary>An activation's first gradient: written.</summary>
    Overwrite,

    /// <summary>Added to what earlier calls of the same pass left.</summary>
    Add,

    /// <summary>A parameter's first gradient: written, or added to the micro-batches before.</summary>
    Accumulate,
}

/// <summary>How a gradient goes to its memory.</summary>
internal sealed record WriteOperand(GradientWriting Writing) : Operand;

/// <summary>A dropout site.</summary>
internal sealed record DropoutOperand(int Site, bool InLayer) : Operand;

/// <summary>The graph's key/value cache of the current layer.</summary>
internal sealed record CacheOperand : Operand;

/// <summary>Something that needs no plan: a graph's input, a constant.</summary>
internal sealed record TextOperand(string Text) : Operand;

/// <summary>One call of generated code to the device.</summary>
/// <param name="Method">The device's method.</param>
/// <param name="Operands">Its arguments in order.</param>
/// <param name="Result">The value that it returns, or null.</param>
/// <param name="Heading">A comment line before it, or null.</param>
internal sealed record Call(string Method, IReadOnlyList<Operand> Operands, Value? Result = null, string? Heading = null)
{
    /// <summary>Every value that the call reads or writes.</summary>
    public IEnumerable<Value> Values => Operands.Select(Whole).OfType<ValueOperand>().Select(operand => operand.Value);

    /// <summary>The value of which an operand is a part, or the operand.</summary>
    public static Operand Whole(Operand operand) => operand is SliceOperand slice ? slice.Packed : operand;
}
