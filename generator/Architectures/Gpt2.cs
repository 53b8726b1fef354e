using GptGen.Generator.Spec;

namespace GptGen.Generator.Architectures;

/// <summary>GPT-2 (Radford et al. 2019, "Language Models are Unsupervised Multitask Learners").</summary>
internal sealed class Gpt2 : DecoderOnly
{
    public override string Family => "gpt2";

    public override SpecDefaults Defaults => new(Context: 1024, Vocabulary: 50257, Dropout: 0, NormPlacement.Before);

    protected override string ClassName => "GPT2LMHeadModel";

    protected override ConfigKey Activation(ActivationKind activation)
    {
        var name = activation switch { ActivationKind.GeluTanh => "gelu_new", ActivationKind.GeluErf => "gelu", _ => "relu" };
        return new("activation_function", name) { Absent = "gelu_new", OtherNames = ["afn"] };
    }

    protected override string TokenTableName => "wte.weight";

    protected override string PositionTableName => "wpe.weight";

    /// <summary>The sum of 2 x layers branches then deviates as one branch would.</summary>
    protected override float ResidualDeviation(ModelSpec spec) => (float)(spec.InitialDeviation / Math.Sqrt(2.0 * spec.Layers));
}
