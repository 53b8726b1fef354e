using GptGen.Generator.Operators;

namespace GptGen.Generator;

/// <summary>A failure in an operator, which its message names.</summary>
internal sealed class LoweringException(Operator op, Exception cause)
    : Exception($"{op.GetType().Name}: {cause.GetType().Name}, {cause.Message}", cause);
