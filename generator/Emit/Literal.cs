using System.Globalization;

namespace GptGen.Generator.Emit;

/// <summary>Constants in generated code.</summary>
internal static class Literal
{
    public static string Of(bool value) => value ? "true" : "false";

    /// <summary>The shortest decimal that is this number again.</summary>
    public static string Of(float value) => value.ToString("R", CultureInfo.InvariantCulture) + "f";

    /// <summary>
    /// A count of elements as nint. Beyond 32 bits the compiler wants "unchecked", because a 32-bit process could not hold it (CS8778).
    /// </summary>
    public static string OfElements(long elements)
    {
        var literal = $"(nint){elements.ToString(CultureInfo.InvariantCulture)}L";
        return elements > int.MaxValue ? $"unchecked({literal})" : literal;
    }
}
