namespace GptGen.Checkpoints;

/// <summary>Activation functions by Hugging Face's names.</summary>
internal static class ActivationNames
{
    /// <summary>The function of a name; null for those that no class computes (quick_gelu, mish, …).</summary>
    /// <param name="name">As the file names it.</param>
    /// <param name="key">The key that names it: GPT-1's files call the tanh form "gelu".</param>
    internal static Activation? Find(string name, string key) => name switch
    {
        "gelu_new" or "gelu_pytorch_tanh" or "gelu_fast" or "gelu_accurate" or "gelu_python_tanh" => Activation.GeluTanh,
        "gelu" => key == "afn" ? Activation.GeluTanh : Activation.GeluErf,
        "gelu_python" => Activation.GeluErf,
        "relu" => Activation.Relu,
        "tanh" => Activation.Tanh,
        "silu" or "swish" => Activation.Silu,
        _ => null,
    };

    /// <summary>The name of a function.</summary>
    internal static string Of(Activation activation) => activation switch
    {
        Activation.GeluTanh => "gelu_new",
        Activation.GeluErf => "gelu",
        Activation.Tanh => "tanh",
        Activation.Silu => "silu",
        _ => "relu",
    };
}
