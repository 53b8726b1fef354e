using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace GptGen.Runtime.Tests.Golden;

/// <summary>A small model with random weights and what an independent implementation computes with it in f64.</summary>
internal sealed class GoldenCase
{
    private readonly string folder;
    private readonly JsonElement inputs;

    public GoldenCase(string name)
    {
        folder = Path.Combine(AppContext.BaseDirectory, "Golden", name);
        inputs = ReadJson("inputs.json");
        Weights = ReadTensors("model.safetensors");
        Expected = ReadTensors("expected.safetensors");
        Trained = ReadTensors("trained.safetensors");
        Training = ReadJson("training.json");
        Tokens = Flatten("input_ids");
        Targets = Flatten("targets");
        Sequences = inputs.GetProperty("input_ids").GetArrayLength();
        Length = Tokens.Length / Sequences;
        var greedy = inputs.GetProperty("greedy");
        Prompt = greedy.GetProperty("prompt").Deserialize<int[]>()!;
        Continuation = greedy.GetProperty("new_tokens").Deserialize<int[]>()!;
    }

    public IReadOnlyDictionary<string, float[]> Weights { get; }

    public IReadOnlyDictionary<string, float[]> Expected { get; }

    public IReadOnlyDictionary<string, float[]> Trained { get; }

    public JsonElement Training { get; }

    public int Sequences { get; }

    public int Length { get; }

    public int[] Tokens { get; }

    public int[] Targets { get; }

    public int[] TargetsWithIgnored => Flatten("targets_with_ignored");

    public int[] Prompt { get; }

    public int[] Continuation { get; }

    /// <summary>Puts the stored weights into a model.</summary>
    public void Load(LanguageModel model)
    {
        foreach (var parameter in model.Description.Parameters)
            model.Parameters.Write(parameter.Offset, Tensor(Weights, "", parameter));
    }

    /// <summary>A parameter's tensor in memory order; names may carry the file's prefix.</summary>
    public static float[] Tensor(IReadOnlyDictionary<string, float[]> tensors, string group, ParameterInfo parameter)
    {
        var values = tensors.TryGetValue(group + parameter.Name, out var plain) ? plain : tensors[$"{group}transformer.{parameter.Name}"];
        if (!parameter.IsMatrix || parameter.Layout == StoredLayout.Linear)
            return values;
        var transposed = new float[values.Length];
        for (var row = 0; row < parameter.Rows; row++)
        {
            for (var column = 0; column < parameter.Columns; column++)
                transposed[row * parameter.Columns + column] = values[column * parameter.Rows + row];
        }

        return transposed;
    }

    private int[] Flatten(string name) => [.. inputs.GetProperty(name).Deserialize<int[][]>()!.SelectMany(row => row)];

    private JsonElement ReadJson(string file)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, file)));
        return document.RootElement.Clone();
    }

    private Dictionary<string, float[]> ReadTensors(string file)
    {
        var bytes = File.ReadAllBytes(Path.Combine(folder, file));
        var headerLength = (int)BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        var data = bytes.AsMemory(8 + headerLength);
        using var header = JsonDocument.Parse(bytes.AsMemory(8, headerLength));
        var tensors = new Dictionary<string, float[]>();
        foreach (var entry in header.RootElement.EnumerateObject().Where(entry => entry.Name != "__metadata__"))
        {
            var range = entry.Value.GetProperty("data_offsets").Deserialize<int[]>()!;
            tensors[entry.Name] = MemoryMarshal.Cast<byte, float>(data.Span[range[0]..range[1]]).ToArray();
        }

        return tensors;
    }
}
