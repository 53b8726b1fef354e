using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace GptGen.Peer;

/// <summary>A generated model's weights as PyTorch's parameters, and the layers that its models share.</summary>
internal sealed class TorchLayers : IDisposable
{
    private readonly Dictionary<string, Parameter> parameters = [];
    private readonly Dictionary<string, Embedding> tables = [];
    private readonly long[] normalized;

    /// <summary>Takes the weights, so that both sides compute the same; packed matrices stay packed, as one writes them for speed.</summary>
    public TorchLayers(Model source)
    {
        Description = source.Description;
        normalized = [Description.Width];
        foreach (var parameter in Description.Parameters)
        {
            var values = new float[parameter.Count];
            source.Parameters.Read(parameter.Offset, values);
            var shape = parameter.IsMatrix ? new long[] { parameter.Rows, parameter.Columns } : [parameter.Rows];
            parameters[parameter.Name] = new Parameter(tensor(values).reshape(shape).clone(), requires_grad: !parameter.IsFrozen);
        }
    }

    /// <summary>The generated model's sizes.</summary>
    public ModelDescription Description { get; }

    /// <summary>What is trained.</summary>
    public IEnumerable<Parameter> Trained => parameters.Values.Where(static parameter => parameter.requires_grad);

    /// <summary>A parameter by its name, or null.</summary>
    public Tensor? Find(string name) => parameters.GetValueOrDefault(name);

    /// <summary>x W^T + b.</summary>
    public Tensor Linear(string name, Tensor x) => functional.linear(x, parameters[name + ".weight"], Find(name + ".bias"));

    /// <summary>LayerNorm over the width.</summary>
    public Tensor Norm(string name, Tensor x) =>
        functional.layer_norm(x, normalized, parameters[name + ".weight"], Find(name + ".bias"), Description.Epsilon);

    /// <summary>Rows of a table.</summary>
    public Tensor Lookup(string name, Tensor numbers)
    {
        if (!tables.TryGetValue(name, out var table))
        {
            table = tables[name] = Embedding(parameters[name].shape[0], parameters[name].shape[1]);
            table.weight = parameters[name];
        }

        return table.forward(numbers);
    }

    /// <summary>A matrix's columns as heads, [batch, heads, length, head size].</summary>
    public Tensor Heads(Tensor part) => part.view(part.shape[0], part.shape[1], Description.Heads, -1).transpose(1, 2);

    /// <summary>The fused attention kernel over heads, which then lie side by side again.</summary>
    public Tensor Attend(Tensor query, Tensor key, Tensor value, bool isCausal)
    {
        var attended = functional.scaled_dot_product_attention(query, key, value, null!, 0, isCausal);
        return attended.transpose(1, 2).contiguous().view(query.shape[0], query.shape[2], Description.Width);
    }

    public void Dispose()
    {
        foreach (var table in tables.Values)
            table.Dispose();
        foreach (var parameter in parameters.Values)
            parameter.Dispose();
    }
}
