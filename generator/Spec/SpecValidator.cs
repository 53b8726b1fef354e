using System.Globalization;
using GptGen.Generator.Architectures;
using GptGen.Generator.Diagnostics;
using GptGen.Generator.Heads;
using Microsoft.CodeAnalysis;

namespace GptGen.Generator.Spec;

/// <summary>Something wrong with a specification.</summary>
internal sealed class SpecProblem(DiagnosticDescriptor descriptor, string? argument, params object[] arguments)
{
    public DiagnosticDescriptor Descriptor { get; } = descriptor;

    /// <summary>The attribute's argument that is at fault; null for the class itself.</summary>
    public string? Argument { get; } = argument;

    /// <summary>Arguments to mark where that one is not given.</summary>
    public IReadOnlyList<string> Otherwise { get; init; } = [];

    /// <summary>What the message's places are filled with.</summary>
    public object[] Arguments { get; } = arguments;
}

/// <summary>What a specification's numbers must satisfy.</summary>
internal static class SpecValidator
{
    /// <summary>No model may have more parameters than this: their f32 bytes must be addressable with room for moments.</summary>
    private const double MostParameters = 1e12;

    /// <summary>A larger table's rows could not be counted once a head's tokens are added and the rows are padded.</summary>
    private const int MostRows = int.MaxValue - HeadKind.SpecialTokens - 64;

    /// <summary>More layers than this are a mistake: each has parameters in a list.</summary>
    public const int MostLayers = 1 << 20;

    /// <summary>A loss that weighs more than this drowns the task.</summary>
    private const float MostLossWeight = 1000;

    /// <summary>More classes than this are a mistake: their scores would lie in memory for every example.</summary>
    private const int MostClasses = 1 << 20;

    /// <summary>What is wrong with a task head.</summary>
    /// <param name="head">The head.</param>
    /// <param name="family">The attribute of the model's family; null where there is none.</param>
    public static IEnumerable<SpecProblem> Problems(HeadSpec head, string? family = null)
    {
        var kind = HeadKind.ByAttribute[head.Attribute];
        var name = kind.CountName ?? "";
        if (head.Classes < kind.LeastCount)
            yield return new(Descriptors.TooFewClasses, name, name, head.Classes, kind.LeastCount);
        else if (head.Classes > MostClasses)
            yield return new(Descriptors.OutOfRange, name, name, head.Classes, $"at most {MostClasses}");
        if (head.LanguageModelWeight is not { } weight)
            yield break;
        var hasLanguageModel = family is null || Architecture.ByAttribute[family].HasLanguageModelBesideHead;
        if (hasLanguageModel && !(weight >= 0 && weight <= MostLossWeight))
            yield return new(
                Descriptors.OutOfRange, nameof(head.LanguageModelWeight), nameof(head.LanguageModelWeight), weight,
                $"at least 0 and at most {MostLossWeight}");
        else if (!hasLanguageModel && weight != 0)
            yield return new(
                Descriptors.OutOfRange, nameof(head.LanguageModelWeight), nameof(head.LanguageModelWeight), weight,
                $"0 or left out, since {Written(family!)} has no language model beside a task head");
    }

    /// <summary>What is wrong with a model: every mistake that does not merely follow from another.</summary>
    public static IEnumerable<SpecProblem> Problems(ModelSpec spec)
    {
        var family = Architecture.ByAttribute[spec.Attribute];
        var sizes = new (string Name, int Value)[]
        {
            (nameof(spec.Layers), spec.Layers), (nameof(spec.Heads), spec.Heads), (nameof(spec.Width), spec.Width),
            (nameof(spec.Context), spec.Context), (nameof(spec.Vocabulary), spec.Vocabulary), (family.HiddenName, spec.HiddenWidth),
        };
        foreach (var (name, value) in sizes)
        {
            // A hidden width that follows from the width is not at fault by itself.
            if (value <= 0 && (name != nameof(spec.HiddenWidth) || spec.Width > 0))
                yield return new(Descriptors.NotPositive, name, name, value);
        }

        if (spec.Width > 0 && spec.Heads > 0 && spec.Width % spec.Heads != 0)
            yield return new(Descriptors.HeadsDoNotDivideWidth, nameof(spec.Heads), spec.Heads, spec.Width) { Otherwise = [nameof(spec.Width)] };
        if (!(spec.Dropout >= 0 && spec.Dropout < 1))
            yield return new(Descriptors.OutOfRange, nameof(spec.Dropout), nameof(spec.Dropout), spec.Dropout, "at least 0 and below 1");
        if (!(spec.Epsilon > 0 && spec.Epsilon < 1))
            yield return new(Descriptors.OutOfRange, nameof(spec.Epsilon), nameof(spec.Epsilon), spec.Epsilon, "above 0 and below 1");
        if (!(spec.InitialDeviation > 0 && spec.InitialDeviation < 10))
            yield return new(
                Descriptors.OutOfRange, nameof(spec.InitialDeviation), nameof(spec.InitialDeviation), spec.InitialDeviation, "above 0 and below 10");
        if (!Enum.IsDefined(typeof(ActivationKind), spec.Activation))
            yield return new(
                Descriptors.OutOfRange, nameof(spec.Activation), nameof(spec.Activation), spec.Activation, "a member of GptGen.Activation");
        if (!Enum.IsDefined(typeof(NormPlacement), spec.LayerNorm))
            yield return new(
                Descriptors.OutOfRange, nameof(spec.LayerNorm), nameof(spec.LayerNorm), spec.LayerNorm, "a member of GptGen.LayerNormPlacement");
        if (!Enum.IsDefined(typeof(RecomputationKind), spec.Recompute))
            yield return new(
                Descriptors.OutOfRange, nameof(spec.Recompute), nameof(spec.Recompute), spec.Recompute, "a member of GptGen.Recomputation");
        if (spec.Head is { } head && family.HeadName(HeadKind.ByAttribute[head.Attribute]) is null)
            yield return new(Descriptors.HeadOfOtherFamily, "", Written(spec.Attribute), Written(head.Attribute), TakersOf(head));
        foreach (var problem in family.Problems(spec))
            yield return problem;
        if (sizes.All(size => size.Value > 0) && TooLarge(spec) is { } tooLarge)
            yield return tooLarge;
    }

    /// <summary>An attribute as it is written in code.</summary>
    private static string Written(string attribute) =>
        $"[{attribute.Substring(attribute.LastIndexOf('.') + 1).Replace("Attribute", "")}]";

    /// <summary>Too many parameters, or a size that padding or the three parts of attention would take beyond a number's range.</summary>
    private static SpecProblem? TooLarge(ModelSpec spec)
    {
        var parameters = ((double)spec.Vocabulary * spec.Width * (spec.TiedHead ? 1 : 2)) + ((double)spec.Context * spec.Width)
            + Architecture.ByAttribute[spec.Attribute].LayerParameters(spec);
        if (parameters <= MostParameters && 3.0 * spec.Width <= int.MaxValue && spec.Vocabulary <= MostRows && spec.Layers <= MostLayers)
            return null;

        // The size that is furthest above what is usual has the digit too many.
        var defaults = Architecture.ByAttribute[spec.Attribute].Defaults;
        var suspects = new (string Name, double Excess)[]
        {
            (nameof(spec.Width), spec.Width / (double)defaults.Width),
            (nameof(spec.Layers), spec.Layers / (double)defaults.Layers),
            (nameof(spec.Context), spec.Context / (double)defaults.Context),
            (nameof(spec.Vocabulary), spec.Vocabulary / (double)defaults.Vocabulary),
            (Architecture.ByAttribute[spec.Attribute].HiddenName,
                spec.HiddenWidth / (defaults.HiddenWidth == 0 ? 4.0 * defaults.Width : defaults.HiddenWidth)),
        }.OrderByDescending(suspect => suspect.Excess).Select(suspect => suspect.Name).ToArray();
        return new(Descriptors.TooLarge, suspects[0], parameters.ToString("G3", CultureInfo.InvariantCulture)) { Otherwise = suspects };
    }

    /// <summary>The attributes of the families that take a head, as one writes them.</summary>
    private static string TakersOf(HeadSpec head)
    {
        var takers = Architecture.ByAttribute.Where(family => family.Value.HeadName(HeadKind.ByAttribute[head.Attribute]) is not null)
            .Select(family => Written(family.Key)).OrderBy(name => name, StringComparer.Ordinal);
        return string.Join(" or ", takers);
    }
}
