using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace GptGen.Peer;

/// <summary>GPT-2 as one writes it for PyTorch: fused query, key and value, the fused attention kernel, tanh GELU, tied head.</summary>
internal sealed class TorchGpt2(Model source) : ITorchModel
{
    private readonly TorchLayers layers = new(source);

    public IEnumerable<Parameter> Parameters => layers.Trained;

    /// <inheritdoc/>
    public Tensor Loss(Func<string, Tensor> inputs) => functional.cross_entropy(
        Logits(Hidden(inputs("tokens"), 0, null)).view(-1, layers.Description.Vocabulary), inputs("targets").view(-1));

    /// <summary>Final hidden states [B, T, C]; with a cache, keys and values of each layer are added to it.</summary>
    public Tensor Hidden(Tensor tokens, long position, (Tensor Keys, Tensor Values)[]? cache)
    {
        var description = layers.Description;
        var (batch, length) = (tokens.shape[0], tokens.shape[1]);
        var x = layers.Lookup("wte.weight", tokens) + layers.Find("wpe.weight")!.narrow(0, position, length);
        for (var layer = 0; layer < description.Layers; layer++)
        {
            var name = $"h.{layer}.";
            var parts = layers.Linear(name + "attn.c_attn", layers.Norm(name + "ln_1", x)).split(description.Width, 2);
            var (query, key, value) = (layers.Heads(parts[0]), layers.Heads(parts[1]), layers.Heads(parts[2]));
            if (cache is not null)
            {
                // The cache is made once; a token's key and value are written into their place.
                cache[layer].Keys.narrow(2, position, length).copy_(key);
                cache[layer].Values.narrow(2, position, length).copy_(value);
                key = cache[layer].Keys.narrow(2, 0, position + length);
                value = cache[layer].Values.narrow(2, 0, position + length);
            }

            x = x + layers.Linear(name + "attn.c_proj", layers.Attend(query, key, value, length > 1));
            var hidden = functional.gelu(
                layers.Linear(name + "mlp.c_fc", layers.Norm(name + "ln_2", x)), TorchSharp.Modules.GELU.Approximate.tanh);
            x = x + layers.Linear(name + "mlp.c_proj", hidden);
        }

        return layers.Norm("ln_f", x);
    }

    public Tensor Logits(Tensor hidden) => functional.linear(hidden, layers.Find("wte.weight")!);

    /// <summary>Room for keys and values of one sequence.</summary>
    public (Tensor Keys, Tensor Values)[] NewCache(long capacity)
    {
        var description = layers.Description;
        Tensor Room() => zeros(1, description.Heads, capacity, description.Width / description.Heads);
        return [.. Enumerable.Range(0, description.Layers).Select(_ => (Room(), Room()))];
    }

    public void Dispose() => layers.Dispose();
}
