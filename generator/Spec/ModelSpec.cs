using GptGen.Generator.Architectures;
using GptGen.Generator.Heads;

namespace GptGen.Generator.Spec;

/// <summary>The MLP's activation function; the names are those of the runtime's enumeration.</summary>
internal enum ActivationKind
{
    GeluTanh,
    GeluErf,
    Relu,
    Tanh,
    Silu,
}

/// <summary>Where a block normalises; the names are those of the runtime's enumeration.</summary>
internal enum NormPlacement
{
    Before,
    After,
}

/// <summary>What a backward pass computes anew in place of keeping it; the names are those of the runtime's enumeration.</summary>
internal enum RecomputationKind
{
    None,
    Activations,
    ActivationsAndLayerNorms,
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
    public required RecomputationKind Recompute { get; init; }
    public required float InitialDeviation { get; init; }

    /// <summary>
    /// What the family's attribute says beyond what all say, by name, of lists each number; without those that it leaves to their defaults.
    /// </summary>
    public required EquatableArray<(string Name, int Value)> Options { get; init; }

    /// <summary>The same of numbers that are not whole.</summary>
    public required EquatableArray<(string Name, float Value)> Numbers { get; init; }

    /// <summary>The task head; null for a language model only.</summary>
    public required HeadSpec? Head { get; init; }

    /// <summary>Entries of the token table: the vocabulary and what special tokens a head adds.</summary>
    public int TableRows => Vocabulary + (Head is null ? 0 : Architecture.ByAttribute[Attribute].HeadTokens);

    /// <summary>An option of the family, or what it is where the attribute does not say it.</summary>
    public int Option(string name, int otherwise) => Find(Options, name, otherwise);

    /// <summary>The same of a number that is not whole.</summary>
    public float Number(string name, float otherwise) => Find(Numbers, name, otherwise);

    /// <summary>An option of the family that is a list; empty where the attribute does not say it.</summary>
    public IReadOnlyList<int> ListOption(string name) => [.. Options.Where(option => option.Name == name).Select(option => option.Value)];

    /// <summary>What the author declares in the class beside the attribute.</summary>
    public required EquatableArray<DeclaredMember> Members { get; init; }

    /// <summary>Whether the author has put the mark of generated code on the class, which may stand there once.</summary>
    public required bool IsMarkedAsGenerated { get; init; }

    /// <summary>Whether nothing is wrong with the class and its attributes, so that code can be generated.</summary>
    public required bool IsValid { get; init; }

    /// <summary>The class's name as people read it.</summary>
    public string PlainName => Name.TrimStart('@');

    /// <summary>The class's name with its namespace, without any @.</summary>
    public string FullName => Namespace.Length == 0 ? PlainName : Namespace.Replace("@", "") + "." + PlainName;

    /// <summary>The class's name as code can spell it anywhere.</summary>
    public string QualifiedName => "global::" + (Namespace.Length == 0 ? Name : Namespace + "." + Name);

    /// <summary>What generated files are named after where that is not the full name.</summary>
    public string? FileName { get; init; }

    /// <summary>A specification that can be generated whatever this one's options say, and whose code declares the same names.</summary>
    public ModelSpec Shrunk() => this with
    {
        Layers = 1,
        Heads = 1,
        Width = 1,
        Context = 1,
        Vocabulary = 1,
        HiddenWidth = 1,
        Epsilon = 1e-5f,
        Dropout = 0,
        Activation = ActivationKind.GeluTanh,
        LayerNorm = LayerNorm == NormPlacement.After ? NormPlacement.After : NormPlacement.Before,
        Recompute = RecomputationKind.None,
        InitialDeviation = 1,
        Options = new([]),
        Numbers = new([]),
        Head = Head is null
            ? null
            : Head with { Classes = Math.Max(HeadKind.ByAttribute[Head.Attribute].LeastCount, Math.Min(Head.Classes, 2)), LanguageModelWeight = 1 },
    };

    private static T Find<T>(IEnumerable<(string Name, T Value)> options, string name, T otherwise) =>
        options.Where(option => option.Name == name).Select(option => option.Value).DefaultIfEmpty(otherwise).First();
}

/// <summary>A task head's specification.</summary>
/// <param name="Attribute">Metadata name of its attribute: which kind it is.</param>
/// <param name="Classes">Number of labels or choices.</param>
/// <param name="LanguageModelWeight">Weight of the language model's loss beside the task's; null where the attribute does not say it.</param>
internal sealed record HeadSpec(string Attribute, int Classes, float? LanguageModelWeight);
