using System.Globalization;
using System.Text;

namespace GptGen.Generator.Spec;

/// <summary>
/// What a model's files are named after, where that is not the model's own name. The compiler compares names of generated files without case,
/// and refuses all of a generator's files when two are alike.
/// </summary>
/// <param name="Model">The model's full name.</param>
/// <param name="Text">What its files are named after.</param>
internal sealed record FileName(string Model, string Text)
{
    /// <summary>
    /// Longer names are cut: with the concern they must fit the 255 bytes of file systems, for whoever has generated files written.
    /// </summary>
    private const int LongestBytes = 200;

    /// <summary>What is left of a longer name: letters of up to three bytes each.</summary>
    private const int CutLength = 60;

    /// <summary>The name to take for a model, given those that would clash.</summary>
    public static string For(ModelSpec model, IEnumerable<FileName> others) =>
        others.FirstOrDefault(other => other.Model == model.FullName)?.Text ?? Of(model.FullName);

    /// <summary>Names that differ in more than case for models whose own do not; empty when all do, which is the rule.</summary>
    public static EquatableArray<FileName> Distinguish(IEnumerable<string> fullNames) => new(
    [
        .. fullNames.Distinct(StringComparer.Ordinal)
            .GroupBy(Of, StringComparer.OrdinalIgnoreCase)
            .SelectMany(
                group => group.OrderBy(name => name, StringComparer.Ordinal).Skip(1).Select(
                    (name, index) => new FileName(name, $"{Of(name)}-{index + 2}")))
            .OrderBy(name => name.Model, StringComparer.Ordinal),
    ]);

    /// <summary>A model's name, or the end of it behind a hash of the whole.</summary>
    public static string Of(string fullName)
    {
        if (Encoding.UTF8.GetByteCount(fullName) <= LongestBytes)
            return fullName;
        var hash = fullName.Aggregate(14695981039346656037UL, (value, letter) => unchecked((value ^ letter) * 1099511628211UL));
        return hash.ToString("x16", CultureInfo.InvariantCulture) + "-" + fullName.Substring(fullName.Length - CutLength);
    }
}
