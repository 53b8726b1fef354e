using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace GptGen.Peer;

/// <summary>The encoder-decoder: packed projections, the fused attention kernel, one table for both sides and the head.</summary>
internal sealed class TorchSeq2Seq(Model source) : ITorchModel
{
    private readonly TorchLayers layers = new(source);

    public IEnumerable<Parameter> Parameters => layers.Trained;

    public Tensor Loss(Func<string, Tensor> inputs)
    {
        var description = layers.Description;
        var memory = Embed(inputs("source"));
        for (var layer = 0; layer < description.EncoderLayers; layer++)
            memory = Transform($"encoder.layers.{layer}.", SelfAttend($"encoder.layers.{layer}.", memory, isCausal: false));
        var x = Embed(inputs("tokens"));
        for (var layer = 0; layer < description.Layers; layer++)
        {
            var name = $"decoder.layers.{layer}.";
            x = SelfAttend(name, x, isCausal: true);
            var parts = layers.Linear(name + "encoder_attn.k_v_proj", memory).split(description.Width, 2);
            var attended = layers.Attend(
                layers.Heads(layers.Linear(name + "encoder_attn.q_proj", x)), layers.Heads(parts[0]), layers.Heads(parts[1]), isCausal: false);
            x = layers.Norm(name + "encoder_attn_layer_norm", x + layers.Linear(name + "encoder_attn.out_proj", attended));
            x = Transform(name, x);
        }

        var logits = functional.linear(x, layers.Find("shared.weight")!, layers.Find("final_logits_bias"));
        return functional.cross_entropy(logits.view(-1, description.Vocabulary), inputs("targets").view(-1));
    }

    public void Dispose() => layers.Dispose();

    private Tensor Embed(Tensor tokens) =>
        (layers.Lookup("shared.weight", tokens) * Math.Sqrt(layers.Description.Width))
        + layers.Find("embed_positions.weight")!.narrow(0, 0, tokens.shape[1]);

    private Tensor SelfAttend(string name, Tensor x, bool isCausal)
    {
        var parts = layers.Linear(name + "self_attn.q_k_v_proj", x).split(layers.Description.Width, 2);
        var attended = layers.Attend(layers.Heads(parts[0]), layers.Heads(parts[1]), layers.Heads(parts[2]), isCausal);
        return layers.Norm(name + "self_attn_layer_norm", x + layers.Linear(name + "self_attn.out_proj", attended));
    }

    private Tensor Transform(string name, Tensor x) =>
        layers.Norm(name + "final_layer_norm", x + layers.Linear(name + "fc2", functional.relu(layers.Linear(name + "fc1", x))));
}
