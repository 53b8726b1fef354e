using GptGen.Generator.Graph;
using GptGen.Generator.Heads;
using GptGen.Generator.Spec;

namespace GptGen.Generator.Architectures;

/// <summary>A family of models: how a specification becomes a graph.</summary>
internal abstract class Architecture
{
    /// <summary>What the families' attributes derive from.</summary>
    public static readonly string[] AttributeBases = ["GptGen.ModelAttribute", "GptGen.TransformerAttribute"];

    /// <summary>Hugging Face's model_type.</summary>
    public abstract string Family { get; }

    /// <summary>What its attribute says where arguments do not.</summary>
    public abstract SpecDefaults Defaults { get; }

    /// <summary>How files name the model's tensors.</summary>
    public abstract FileNaming Naming(ModelSpec spec);

    /// <summary>
    /// config.json's keys and values, in the order in which they are written. The runtime puts the file's own type (torch_dtype) and the tokenizer's
    /// tokens (bos_token_id, eos_token_id) in the place of the values here.
    /// </summary>
    public abstract IReadOnlyList<ConfigKey> Config(ModelSpec spec);

    /// <summary>The runtime's tokenizer without files that fits the vocabulary; null where none does.</summary>
    public abstract string? Tokenizer(ModelSpec spec);

    /// <summary>
    /// The options of its attribute beyond what all have: whole numbers, or true and false as 1 and 0, read by <see cref="ModelSpec.Option"/>, or
    /// lists of whole numbers (<see cref="ModelSpec.ListOption"/>).
    /// </summary>
    public virtual IReadOnlyList<string> Options => [];

    /// <summary>The same of numbers that are not whole, read by <see cref="ModelSpec.Number"/>.</summary>
    public virtual IReadOnlyList<string> Numbers => [];

    /// <summary>What the attribute calls the width within a layer, and the generated code its dimension.</summary>
    public virtual string HiddenName => nameof(ModelSpec.HiddenWidth);

    /// <summary>Whether its layers attend, with a number of heads.</summary>
    public virtual bool HasAttention => true;

    /// <summary>What the class's documentation says of a layer beside its width.</summary>
    public string DescribeLayer(ModelSpec spec) => HasAttention ? $"{spec.Heads} heads" : $"{spec.HiddenWidth} {HiddenName.ToLowerInvariant()}";

    /// <summary>What a model's description says beyond what all say: members of the runtime's ModelDescription.</summary>
    public virtual IReadOnlyList<(string Member, int Value)> Details(ModelSpec spec) => [];

    /// <summary>The same for members that are lists; those without numbers are left out.</summary>
    public virtual IReadOnlyList<(string Member, IReadOnlyList<int> Values)> Lists(ModelSpec spec) => [];

    /// <summary>Sizes that the generated class has as constants beside those that all have.</summary>
    public virtual IReadOnlyList<(string Name, int Value, string Summary)> Constants(ModelSpec spec) => [];

    /// <summary>About how many parameters the layers have, to refuse what is far too large.</summary>
    public virtual double LayerParameters(ModelSpec spec) =>
        spec.Layers * ((4.0 * spec.Width * spec.Width) + (2.0 * spec.Width * spec.HiddenWidth));

    /// <summary>What is wrong with a specification that would be right in another family.</summary>
    public virtual IEnumerable<SpecProblem> Problems(ModelSpec spec) => [];

    /// <summary>What files call the projection of a task head; null where the family takes no such head.</summary>
    public abstract string? HeadName(HeadKind head);

    /// <summary>Whether a model with a task head learns language beside the task.</summary>
    public virtual bool HasLanguageModelBesideHead => true;

    /// <summary>Whether the tokens that end documents frame a task's texts, where a head has none and the tokenizer no marks.</summary>
    public virtual bool FramesByEnds => false;

    /// <summary>The tokens that a task head adds behind the vocabulary.</summary>
    public virtual int HeadTokens => HeadKind.SpecialTokens;

    /// <summary>The runtime's class that a model derives from, and the interface with its static members.</summary>
    /// <param name="hasHead">Whether it has a task head.</param>
    public abstract (string Class, string Interface) Bases(bool hasHead);

    /// <summary>The graphs that a model has, by the class that they become.</summary>
    public abstract IReadOnlyList<GraphClass> Graphs(ModelSpec spec);

    /// <summary>One of these graphs.</summary>
    public abstract ModelGraph Build(ModelSpec spec, GraphKind kind);

    /// <summary>Hugging Face's name of an activation function.</summary>
    protected static string ActivationName(ActivationKind activation) => activation switch
    {
        ActivationKind.GeluErf => "gelu",
        ActivationKind.GeluTanh => "gelu_new",
        ActivationKind.Relu => "relu",
        ActivationKind.Tanh => "tanh",
        _ => "silu",
    };

    /// <summary>The families, by the metadata name of their attribute. A new family adds its line here.</summary>
    public static IReadOnlyDictionary<string, Architecture> ByAttribute { get; } = new Dictionary<string, Architecture>(StringComparer.Ordinal)
    {
        ["GptGen.BertAttribute"] = new Bert(),
        ["GptGen.ElmoAttribute"] = new Elmo(),
        ["GptGen.Gpt1Attribute"] = new Gpt1(),
        ["GptGen.Gpt2Attribute"] = new Gpt2(),
        ["GptGen.Seq2SeqAttribute"] = new Seq2Seq(),
        ["GptGen.TransformerXLAttribute"] = new TransformerXL(),
    };
}

/// <summary>A family's defaults, which are its attribute's constructor's.</summary>
internal sealed record SpecDefaults(
    int Context, int Vocabulary, float Dropout, NormPlacement LayerNorm, ActivationKind Activation = ActivationKind.GeluTanh, float Epsilon = 1e-5f)
{
    public int Layers { get; init; } = 12;
    public int Heads { get; init; } = 12;
    public int Width { get; init; } = 768;

    /// <summary>The width within a layer; 0 for four times the width.</summary>
    public int HiddenWidth { get; init; }
}
