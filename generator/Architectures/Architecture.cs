using GptGen.Generator.Graph;
using GptGen.Generator.Spec;

namespace GptGen.Generator.Architectures;

/// <summary>A family of models: how a specification becomes a graph.</summary>
internal abstract class Architecture
{
    /// <summary>Hugging Face's model_type.</summary>
    public abstract string Family { get; }

    /// <summary>What its attribute says where arguments do not.</summary>
    public abstract SpecDefaults Defaults { get; }

    /// <summary>The graph of one phase.</summary>
    public abstract ModelGraph Build(ModelSpec spec, Phase phase);

    /// <summary>The families, by the metadata name of their attribute. A new family adds its line here.</summary>
    public static IReadOnlyDictionary<string, Architecture> ByAttribute { get; } = new Dictionary<string, Architecture>(StringComparer.Ordinal)
    {
        ["GptGen.Gpt1Attribute"] = new Gpt1(),
        ["GptGen.Gpt2Attribute"] = new Gpt2(),
    };
}

/// <summary>A family's defaults, which are its attribute's constructor's; what all families share is in the parser.</summary>
internal sealed record SpecDefaults(int Context, int Vocabulary, float Dropout, NormPlacement LayerNorm);
