using GptGen.Generator.Spec;

namespace GptGen.Generator.Architectures;

/// <summary>GPT-1 (Radford et al. 2018, "Improving Language Understanding by Generative Pre-Training").</summary>
internal sealed class Gpt1 : DecoderOnly
{
    public override string Family => "openai-gpt";

    public override SpecDefaults Defaults => new(Context: 512, Vocabulary: 40478, Dropout: 0.1f, NormPlacement.After);

    protected override string ClassName => "OpenAIGPTLMHeadModel";

    protected override ConfigKey Activation(ActivationKind activation)
    {
        // GPT-1's files call the tanh form "gelu".
        var name = activation switch { ActivationKind.GeluTanh => "gelu", ActivationKind.GeluErf => "gelu_python", _ => "relu" };
        return new("afn", name) { Absent = "gelu", OtherNames = ["activation_function"] };
    }

    protected override string TokenTableName => "tokens_embed.weight";

    protected override string PositionTableName => "positions_embed.weight";

    /// <summary>Every weight begins alike: the LayerNorm after each sum keeps the stream's scale.</summary>
    protected override float ResidualDeviation(ModelSpec spec) => spec.InitialDeviation;
}
