using System.Globalization;

namespace GptGen.Finetuning;

/// <summary>
/// What a label means however it was written: a number as 1, 1.0 or 01, a truth value as true, True or TRUE. pandas writes a column of whole numbers
/// with fractions as soon as one is missing, and every program writes truth values in its own way.
/// </summary>
internal static class LabelKey
{
    // Above it not every whole number has a double of its own.
    private const double LargestWhole = 1L << 53;

    /// <summary>The same text for labels that mean the same.</summary>
    /// <param name="label">The label.</param>
    /// <param name="numbersTruth">Whether true and false are 1 and 0, as in Python.</param>
    internal static string Of(string label, bool numbersTruth)
    {
        if (Number(label) is { } number)
            return Math.Abs(number) < LargestWhole ? (number + 0.0).ToString("R", CultureInfo.InvariantCulture) : label;
        return label switch
        {
            "true" or "True" or "TRUE" => numbersTruth ? "1" : "true",
            "false" or "False" or "FALSE" => numbersTruth ? "0" : "false",
            _ => label,
        };
    }

    /// <summary>Whether some labels are the two truth values, as words or as 1 and 0.</summary>
    internal static bool AreTruth(IEnumerable<string> labels) => labels.All(static label => Of(label, numbersTruth: true) is "0" or "1");

    /// <summary>A label's number; null where it is none.</summary>
    internal static double? Number(string label) =>
        double.TryParse(label, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? number : null;
}
