using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace GptGen.Peer;

/// <summary>
/// BERT in pre-training: packed query, key and value, the fused attention kernel, exact GELU; only predicted rows reach the vocabulary.
/// </summary>
internal sealed class TorchBert(Model source) : ITorchModel
{
    private const string Packed = "attention.self.query_key_value";

    private readonly TorchLayers layers = new(source);

    public IEnumerable<Parameter> Parameters => layers.Trained;

    public Tensor Loss(Func<string, Tensor> inputs)
    {
        var description = layers.Description;
        var (tokens, types) = (inputs("tokens"), inputs("types"));
        var positions = layers.Find("embeddings.position_embeddings.weight")!.narrow(0, 0, tokens.shape[1]);
        var x = layers.Norm(
            "embeddings.LayerNorm",
            layers.Lookup("embeddings.word_embeddings.weight", tokens) + positions + layers.Lookup("embeddings.token_type_embeddings.weight", types));
        for (var layer = 0; layer < description.Layers; layer++)
        {
            var name = $"encoder.layer.{layer}.";
            var parts = layers.Linear(name + Packed, x).split(description.Width, 2);
            var attended = layers.Attend(layers.Heads(parts[0]), layers.Heads(parts[1]), layers.Heads(parts[2]), isCausal: false);
            x = layers.Norm(name + "attention.output.LayerNorm", x + layers.Linear(name + "attention.output.dense", attended));
            var hidden = functional.gelu(layers.Linear(name + "intermediate.dense", x));
            x = layers.Norm(name + "output.LayerNorm", x + layers.Linear(name + "output.dense", hidden));
        }

        var pooled = layers.Linear("pooler.dense", x.select(1, 0)).tanh();
        var following = functional.cross_entropy(layers.Linear("cls.seq_relationship", pooled), inputs("next_labels"));
        var predicted = x.reshape(-1, description.Width).index_select(0, inputs("predicted_rows"));
        predicted = layers.Norm(
            "cls.predictions.transform.LayerNorm", functional.gelu(layers.Linear("cls.predictions.transform.dense", predicted)));
        var logits = functional.linear(predicted, layers.Find("embeddings.word_embeddings.weight")!, layers.Find("cls.predictions.bias"));
        return functional.cross_entropy(logits, inputs("predicted_tokens")) + following;
    }

    public void Dispose() => layers.Dispose();
}
