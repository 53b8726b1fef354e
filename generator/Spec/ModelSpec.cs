using GptGen.Generator.Heads;

namespace GptGen.Generator.Spec;

/// <summary>The MLP's activation function; the names are those of the runtime's enumeration.</summary>
internal enum ActivationKind
{
    GeluTanh,
    GeluErf,
    Relu,
}

/// <summary>Where a block normalises; the names are those of the runtime's enumeration.</summary>
internal enum NormPlacement
{
    Before,
    After,
}

/// <summary>
/// A model's specification, free of anything from Roslyn: equal sources give equal values, so the pipeline can stop early.
/// </summary>
internal sealed record ModelSpec
{
    /// <summary>Namespace, or empty for the global one.</summary>
    public required string Namespace { get; init; }

    /// <summary>The class's name as code spells it: with an @ where it is a keyword.</summary>
    public required string Name { get; init; }

    /// <summary>Metadata name of the attribute: which architecture lowers the specification.</summary>
    public required string Attribute { get; init; }

    public required int Layers { get; init; }
    public required int Heads { get; init; }
    public required int Width { get; init; }
    public required int Context { get; init; }
    public required int Vocabulary { get; init; }
    public required int HiddenWidth { get; init; }
    public required float Epsilon { get; init; }
    public required float Dropout { get; init; }
    public required bool TiedHead { get; init; }
    public required bool Biases { get; init; }
    public required ActivationKind Activation { get; init; }
    public required NormPlacement LayerNorm { get; init; }
    public required float InitialDeviation { get; init; }

    /// <summary>The task head; null for a language model only.</summary>
    public required HeadSpec? Head { get; init; }

    /// <summary>Entries of the token table: the vocabulary and what special tokens a head adds.</summary>
    public int TableRows => Vocabulary + (Head is null ? 0 : TaskHead.SpecialTokens);

    /// <summary>The class's name as people read it.</summary>
    public string PlainName => Name.TrimStart('@');

    /// <summary>What generated files are named after; unique in a compilation.</summary>
    public string HintName => Namespace.Length == 0 ? PlainName : Namespace.Replace("@", "") + "." + PlainName;
}

/// <summary>A task head's specification.</summary>
/// <param name="Attribute">Metadata name of its attribute: which kind it is.</param>
/// <param name="Classes">Number of labels or choices.</param>
/// <param name="LanguageModelWeight">Weight of the language model's loss beside the task's.</param>
internal sealed record HeadSpec(string Attribute, int Classes, float LanguageModelWeight);
