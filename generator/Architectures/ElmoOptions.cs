using GptGen.Generator.Diagnostics;
using GptGen.Generator.Graph;
using GptGen.Generator.Spec;

namespace GptGen.Generator.Architectures;

/// <summary>What a specification of an ELMo says beyond its sizes, and what is wrong with it.</summary>
internal sealed class ElmoOptions(ModelSpec spec)
{
    public const string CellClipName = "CellClip";
    public const string ProjectionClipName = "ProjectionClip";
    private const string FiltersName = "Filters";
    private const string CharacterWidthName = "CharacterWidth";
    private const string HighwayName = "HighwayLayers";
    private const string SampledName = "SampledTokens";
    private const string NormalizedMixName = "NormalizedMix";

    private const int DefaultCharacterWidth = 16;
    private const int DefaultHighwayLayers = 2;
    private const float DefaultClip = 3;

    /// <summary>More cells than this are a mistake.</summary>
    private const int MostCells = 1 << 24;

    public static readonly IReadOnlyList<string> Names = [FiltersName, CharacterWidthName, HighwayName, SampledName, NormalizedMixName];

    public static readonly IReadOnlyList<string> Numbers = [CellClipName, ProjectionClipName];

    public bool ReadsCharacters => Filters.Count > 0;

    /// <summary>Numbers of filters that see 1, 2, 3… characters.</summary>
    public IReadOnlyList<int> Filters { get; } = spec.ListOption(FiltersName);

    public int CharacterWidth => spec.Option(CharacterWidthName, DefaultCharacterWidth);

    public int HighwayLayers => spec.Option(HighwayName, DefaultHighwayLayers);

    public int SampledTokens => spec.Option(SampledName, 0);

    public bool NormalizedMix => spec.Option(NormalizedMixName, 0) != 0;

    public float CellClip => Clip(CellClipName);

    public float ProjectionClip => Clip(ProjectionClipName);

    /// <summary>What the author can get wrong.</summary>
    /// <param name="hiddenName">What the attribute calls the cells.</param>
    public IEnumerable<SpecProblem> Problems(string hiddenName)
    {
        foreach (var name in Numbers)
        {
            if (!(Clip(name) >= 0 && Clip(name) < float.PositiveInfinity))
                yield return Wrong(name, Clip(name), "at least 0, which is no limit, and finite");
        }

        if (Filters.Count > GraphInput.CharactersPerToken)
            yield return Wrong(
                FiltersName, $"{Filters.Count} widths", $"at most {GraphInput.CharactersPerToken}, the characters of a word");
        else if (Filters.Where(count => count is < 1 or > MostCells).Select(count => (int?)count).FirstOrDefault() is { } filters)
            yield return Wrong(FiltersName, filters, $"at least 1 and at most {MostCells} of each width");
        foreach (var name in new[] { CharacterWidthName, HighwayName })
        {
            if (!ReadsCharacters && spec.Options.Any(option => option.Name == name))
                yield return Wrong(name, "given", $"left out without {FiltersName}, which read words by their characters");
        }

        if (ReadsCharacters && (CharacterWidth is < 1 or > MostCells))
            yield return Wrong(CharacterWidthName, CharacterWidth, $"at least 1 and at most {MostCells}");
        if (ReadsCharacters && (HighwayLayers is < 0 or > SpecValidator.MostLayers))
            yield return Wrong(HighwayName, HighwayLayers, $"at least 0 and at most {SpecValidator.MostLayers}");
        if (SampledTokens < 0 || SampledTokens > spec.Vocabulary)
            yield return Wrong(SampledName, SampledTokens, $"at least 0, for all tokens, and at most {spec.Vocabulary}, the vocabulary");
        if (spec.HiddenWidth > MostCells)
            yield return Wrong(hiddenName, spec.HiddenWidth, $"at most {MostCells}");
        if (spec.Head is not null && SampledTokens > 0)
            yield return Wrong(SampledName, SampledTokens, "left out beside a task head, with which no tokens are predicted");
        if (spec.Head is null && NormalizedMix)
            yield return Wrong(NormalizedMixName, "true", "left out without a task head, which mixes the layers");
    }

    private static SpecProblem Wrong(string name, object value, string must) => new(Descriptors.OutOfRange, name, name, value, must);

    private float Clip(string name) => spec.Number(name, DefaultClip);
}
