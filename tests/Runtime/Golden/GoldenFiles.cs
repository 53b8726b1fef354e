using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace GptGen.Runtime.Tests.Golden;

/// <summary>The files of a small model with random weights: its inputs and what an independent implementation computes with it in f64.</summary>
internal abstract class GoldenFiles
{
    private readonly string folder;

    protected GoldenFiles(string name)
    {
        folder = Path.Combine(AppContext.BaseDirectory, "Golden", name);
        Inputs = ReadJson("inputs.json");
        Weights = ReadTensors("model.safetensors");
        Expected = ReadTensors("expected.safetensors");
        Trained = ReadTensors("trained.safetensors");
        Training = ReadJson("training.json");
    }

    public IReadOnlyDictionary<string, float[]> Weights { get; }

    public IReadOnlyDictionary<string, float[]> Expected { get; }

    public IReadOnlyDictionary<string, float[]> Trained { get; }

    public JsonElement Training { get; }

    protected JsonElement Inputs { get; }

    /// <summary>What the names of the expected gradients begin with.</summary>
    public virtual string GradientGroup => "grad.";

    /// <summary>A graph for the case's batch, which is set.</summary>
    public abstract TrainingGraph Begin(Model model);

    /// <summary>Prepares the next step of a training on the case's batch.</summary>
    public virtual void BeforeStep(Model model, TrainingGraph training)
    {
    }

    /// <summary>Puts the stored weights into a model.</summary>
    public void Load(Model model)
    {
        foreach (var parameter in model.Description.Tensors)
            model.WriteParameter(parameter.Name, Tensor(Weights, "", parameter, model));
    }

    /// <summary>A parameter's tensor as files store it; names may carry the file's prefix.</summary>
    public static float[] Tensor(IReadOnlyDictionary<string, float[]> tensors, string group, ParameterInfo parameter, Model model) =>
        tensors.TryGetValue(group + parameter.Name, out var plain) ? plain : tensors[group + model.Description.Naming.Prefix + parameter.Name];

    protected int[] Flatten(string name) => FlattenNested(Inputs.GetProperty(name));

    protected static int[] FlattenNested(JsonElement element) =>
        element.ValueKind == JsonValueKind.Array ? [.. element.EnumerateArray().SelectMany(FlattenNested)] : [element.GetInt32()];

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
