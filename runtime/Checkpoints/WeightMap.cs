using System.Globalization;
using System.Runtime.InteropServices;

namespace GptGen.Checkpoints;

/// <summary>Which tensor of a checkpoint fills which parameter of a model; made only when everything fits.</summary>
internal sealed class WeightMap
{
    /// <summary>What training checkpoints put before the names of the optimiser's moments.</summary>
    internal const string OptimizerPrefix = "optimizer.";

    /// <summary>What Hugging Face's models with heads put before every name but the heads'.</summary>
    internal const string ModelPrefix = "transformer.";

    internal const string Head = "lm_head.weight";

    // What frameworks put before a model's names: Hugging Face, data-parallel wrappers, torch.compile, containers.
    private static readonly string[] Prefixes = [ModelPrefix, "module.", "model.", "_orig_mod."];

    // The causal mask, which old exports saved as if it were a weight.
    private static readonly string[] MaskBuffers = [".attn.bias", ".attn.masked_bias"];

    private static readonly string[] TokenTables = ["wte.weight", "tokens_embed.weight"];

    private readonly Dictionary<string, (SafetensorsFile File, SafetensorsTensor Tensor)> found = [];
    private readonly WeightFiles files;
    private readonly ModelDescription model;

    private WeightMap(WeightFiles files, ModelDescription model)
    {
        this.files = files;
        this.model = model;
    }

    /// <summary>Where a parameter's numbers are.</summary>
    internal (SafetensorsFile File, SafetensorsTensor Tensor) this[ParameterInfo parameter] => found[parameter.Name];

    /// <exception cref="GptGenException">A tensor is missing, unknown, or has a wrong shape or type.</exception>
    internal static WeightMap Create(WeightFiles files, ModelDescription model)
    {
        var map = new WeightMap(files, model);
        map.Collect();
        map.ResolveHead();
        map.CheckNames();
        foreach (var parameter in model.Parameters)
            map.CheckTensor(parameter);
        return map;
    }

    /// <summary>Whether a parameter belongs to a head ("lm_head", "clf_head", "multiple_choice_head") and not to the body.</summary>
    internal static bool IsHead(string name) => name.Split('.')[0].EndsWith("_head", StringComparison.Ordinal);

    /// <summary>What a model with a task head was before it had one: fewer tokens, and the language model's parameters only.</summary>
    internal static ModelDescription WithoutTaskHead(ModelDescription model) => model.Head is not { } head ? model : model with
    {
        Head = null,
        Vocabulary = head.Tokens.Start,
        Parameters =
        [
            .. model.Parameters.Where(static parameter => !IsHead(parameter.Name) || parameter.Name == Head)
                .Select(parameter => parameter.Name == Head || TokenTables.Contains(parameter.Name) ? parameter with { Rows = head.Tokens.Start } : parameter),
        ],
    };

    /// <summary>A parameter's shape in Hugging Face's files.</summary>
    internal static long[] StoredShape(ParameterInfo parameter) =>
        !parameter.IsMatrix ? [parameter.Rows]
        : parameter.Layout == StoredLayout.Conv1D ? [parameter.Columns, parameter.Rows]
        : [parameter.Rows, parameter.Columns];

    private void Collect()
    {
        var expected = model.Parameters.Select(static parameter => parameter.Name).ToHashSet();
        foreach (var (file, tensor) in files.Tensors)
        {
            if (tensor.Name.StartsWith(OptimizerPrefix, StringComparison.Ordinal))
                continue;
            var name = tensor.Name;
            while (!expected.Contains(name) && Array.Find(Prefixes, prefix => name.StartsWith(prefix, StringComparison.Ordinal)) is { } prefix)
                name = name[prefix.Length..];
            if (!expected.Contains(name) && MaskBuffers.Any(suffix => name.EndsWith(suffix, StringComparison.Ordinal)))
                continue;
            if (!found.TryAdd(name, (file, tensor)))
                throw new GptGenException($"'{files.Path}' has '{found[name].Tensor.Name}' and '{tensor.Name}', which mean the same parameter. Keep one of them.");
        }
    }

    /// <summary>A tied model's head is its token table: files have either or both under their names.</summary>
    private void ResolveHead()
    {
        var table = TokenTables.FirstOrDefault(name => model.Parameters.Any(parameter => parameter.Name == name));
        if (!model.TiedHead || table is null || !found.TryGetValue(Head, out var head))
            return;
        if (found.TryGetValue(table, out var tokens) && !SameNumbers(tokens, head))
        {
            throw new GptGenException(
                $"'{files.Path}' has a head '{head.Tensor.Name}' of its own, but {model.Name}'s head is its token table. Use a class with TiedHead = false.");
        }

        found.Remove(Head);
        found.TryAdd(table, head);
    }

    private static bool SameNumbers((SafetensorsFile File, SafetensorsTensor Tensor) a, (SafetensorsFile File, SafetensorsTensor Tensor) b)
    {
        if (!a.Tensor.Shape.SequenceEqual(b.Tensor.Shape) || a.Tensor.Element is null || b.Tensor.Element is null)
            return false;
        const int Chunk = 1 << 14;
        var left = new float[Chunk];
        var right = new float[Chunk];
        for (long done = 0; done < a.Tensor.Count; done += Chunk)
        {
            var count = (int)Math.Min(Chunk, a.Tensor.Count - done);
            a.File.Read(a.Tensor, done, left.AsSpan(0, count));
            b.File.Read(b.Tensor, done, right.AsSpan(0, count));
            // By bits, so that a NaN equals itself.
            if (!MemoryMarshal.AsBytes(left.AsSpan(0, count)).SequenceEqual(MemoryMarshal.AsBytes(right.AsSpan(0, count))))
                return false;
        }

        return true;
    }

    private void CheckNames()
    {
        var expected = model.Parameters.Select(static parameter => parameter.Name).ToHashSet();
        var missing = model.Parameters.Where(parameter => !found.ContainsKey(parameter.Name)).Select(static parameter => parameter.Name).ToList();
        if (missing is [Head])
            throw new GptGenException($"'{files.Path}' has no '{Head}', which {model.Name} needs. Its head is tied: use a class with TiedHead = true.");
        if (missing.Count > 0)
            throw Wrong($"lacks {Listing(missing)}");
        var unknown = found.Keys.Where(name => !expected.Contains(name)).Order(StringComparer.Ordinal).ToList();
        if (unknown.Count > 0)
            throw Wrong($"has {Listing(unknown)}, unknown to the model");
    }

    private void CheckTensor(ParameterInfo parameter)
    {
        var (file, tensor) = found[parameter.Name];
        var shape = StoredShape(parameter);
        if (!tensor.Shape.SequenceEqual(shape))
            throw Wrong($"has '{tensor.Name}' of shape {tensor.ShapeText} where {SafetensorsTensor.FormatShape(shape)} is needed");
        file.RequireFloat(tensor);
    }

    private GptGenException Wrong(string what)
    {
        var examples = Listing(model.Parameters.Select(parameter => $"{parameter.Name} {SafetensorsTensor.FormatShape(StoredShape(parameter))}").ToList());
        return new($"'{files.Path}' does not fit {model.Name}: it {what}. {Hint()}{model.Name} expects {examples}.");
    }

    /// <summary>If the tensors tell a size of their own: which one.</summary>
    private string Hint()
    {
        var table = TokenTables.Where(found.ContainsKey).Select(name => found[name].Tensor.Shape).FirstOrDefault(static shape => shape.Count == 2);
        if (table is null)
            return "Check that these are weights of such a model. ";
        var layers = 1 + found.Keys.Select(static name => name.Split('.'))
            .Select(static parts => parts is ["h", var number, ..] && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var layer) ? layer : -1)
            .Append(-1).Max();
        return layers == model.Layers && table[0] == model.Vocabulary && table[1] == model.Width
            ? ""
            : $"These look like weights of {layers} layers, width {table[1]} and {table[0]} tokens, not {model.Layers}, {model.Width} and {model.Vocabulary}: "
                + "use the class of that size. ";
    }

    private static string Listing(List<string> names)
    {
        const int Shown = 4;
        var listing = string.Join(", ", names.Take(Shown).Select(static name => $"'{name}'"));
        return names.Count > Shown ? $"{listing} and {names.Count - Shown} more" : listing;
    }
}
