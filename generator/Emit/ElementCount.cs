using System.Globalization;

namespace GptGen.Generator.Emit;

/// <summary>Constant counts and offsets of elements in generated code.</summary>
internal static class ElementCount
{
    /// <summary>A constant as nint. Beyond 32 bits the compiler wants "unchecked", because a 32-bit process could not hold it (CS8778).</summary>
    public static string Of(long elements)
    {
        var literal = $"(nint){elements.ToString(CultureInfo.InvariantCulture)}L";
        return elements > int.MaxValue ? $"unchecked({literal})" : literal;
    }
}
