using System.Runtime.CompilerServices;

namespace GptGen;

/// <summary>Refuses options that are out of range, all in the same words.</summary>
internal static class OptionCheck
{
    /// <summary>Refuses a value and names its property as a caller writes it, such as <c>TrainingOptions.Batch</c>.</summary>
    /// <param name="options">The options, whose type's name is said.</param>
    /// <param name="holds">Whether the value is allowed.</param>
    /// <param name="value">The value: the property itself.</param>
    /// <param name="range">What it must be.</param>
    /// <param name="property">The property's name, which the compiler takes from <paramref name="value"/>.</param>
    /// <exception cref="GptGenException">It is not allowed.</exception>
    internal static void Require<TOptions>(
        this TOptions options, bool holds, object? value, string range, [CallerArgumentExpression(nameof(value))] string property = "")
        where TOptions : class
    {
        if (!holds)
            throw new GptGenException(FormattableString.Invariant($"{typeof(TOptions).Name}.{property} is {value}, but must be {range}."));
    }
}
