using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace GptGen.Peer;

/// <summary>GPT-2 as one writes it for PyTorch: fused query, key and value, the fused attention kernel, tanh GELU, tied head.</summary>
internal sealed class TorchGpt2 : IDisposable
{
    private readonly Dictionary<string, Parameter> parameters = [];
    private readonly ModelDescription description;
    private readonly long[] normalized;
    private readonly Embedding tokenTable;

    /// <summary>Takes the weights of a generated model, so that both sides compute the same.</summary>
    public TorchGpt2(LanguageModel source)
    {
        description = source.Description;
        normalized = [description.Width];
        foreach (var parameter in description.Parameters)
        {
            var values = new float[parameter.Count];
            source.Parameters.Read(parameter.Offset, values);
            var shape = parameter.IsMatrix ? new long[] { parameter.Rows, parameter.Columns } : [parameter.Rows];
            parameters[parameter.Name] = new Parameter(tensor(values).reshape(shape).clone());
        }

        tokenTable = Embedding(description.Vocabulary, description.Width);
        tokenTable.weight = parameters["wte.weight"];
    }

    public IEnumerable<Parameter> Parameters => parameters.Values;

    public long Vocabulary => description.Vocabulary;

    /// <summary>Final hidden states [B, T, C]; with a cache, keys and values of each layer are added to it.</summary>
    public Tensor Hidden(Tensor tokens, long position, (Tensor Keys, Tensor Values)[]? cache)
    {
        var (batch, length) = (tokens.shape[0], tokens.shape[1]);
        var x = tokenTable.forward(tokens) + parameters["wpe.weight"].narrow(0, position, length);
        for (var layer = 0; layer < description.Layers; layer++)
        {
            Tensor? Get(string name) => parameters.GetValueOrDefault($"h.{layer}.{name}");
            var norm = functional.layer_norm(x, normalized, Get("ln_1.weight")!, Get("ln_1.bias"), description.Epsilon);
            var parts = functional.linear(norm, Get("attn.c_attn.weight")!, Get("attn.c_attn.bias")).split(description.Width, 2);
            Tensor Heads(Tensor part) => part.view(batch, length, description.Heads, -1).transpose(1, 2);
            var (query, key, value) = (Heads(parts[0]), Heads(parts[1]), Heads(parts[2]));
            if (cache is not null)
            {
                // The cache is made once; a token's key and value are written into their place.
                cache[layer].Keys.narrow(2, position, length).copy_(key);
                cache[layer].Values.narrow(2, position, length).copy_(value);
                key = cache[layer].Keys.narrow(2, 0, position + length);
                value = cache[layer].Values.narrow(2, 0, position + length);
            }

            var attended = functional.scaled_dot_product_attention(query, key, value, null!, 0, length > 1);
            attended = attended.transpose(1, 2).contiguous().view(batch, length, description.Width);
            x = x + functional.linear(attended, Get("attn.c_proj.weight")!, Get("attn.c_proj.bias"));
            norm = functional.layer_norm(x, normalized, Get("ln_2.weight")!, Get("ln_2.bias"), description.Epsilon);
            var hidden = functional.gelu(
                functional.linear(norm, Get("mlp.c_fc.weight")!, Get("mlp.c_fc.bias")), TorchSharp.Modules.GELU.Approximate.tanh);
            x = x + functional.linear(hidden, Get("mlp.c_proj.weight")!, Get("mlp.c_proj.bias"));
        }

        return functional.layer_norm(x, normalized, parameters["ln_f.weight"], parameters.GetValueOrDefault("ln_f.bias"), description.Epsilon);
    }

    public Tensor Logits(Tensor hidden) => functional.linear(hidden, parameters["wte.weight"]);

    /// <summary>Room for keys and values of one sequence.</summary>
    public (Tensor Keys, Tensor Values)[] NewCache(long capacity)
    {
        Tensor Room() => zeros(1, description.Heads, capacity, description.Width / description.Heads);
        return [.. Enumerable.Range(0, description.Layers).Select(_ => (Room(), Room()))];
    }

    public void Dispose()
    {
        tokenTable.Dispose();
        foreach (var parameter in parameters.Values)
            parameter.Dispose();
    }
}
