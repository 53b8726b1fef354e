using System.Text.Json;
using GptGen.Files;

namespace GptGen.Checkpoints;

/// <summary>
/// GPT-1's weights as OpenAI published them (finetune-transformer-lm): <c>params_shapes.json</c> lists the parameters' shapes, and the numbers of all
/// of them, one after the other, are cut into <c>params_0.npy</c>, <c>params_1.npy</c> and so on, without regard to where a parameter ends. Names are
/// not stored; the order gives them: the position table, the token table, then for each layer the twelve parameters of <see cref="LayerTensors"/>.
/// </summary>
internal sealed class OpenAIParameters : ITensorFile
{
    internal const string ShapesName = "params_shapes.json";

    // GPT-1's has two thousand bytes.
    private const int LongestShapes = 1 << 20;

    private static readonly string[] Tables = ["positions_embed.weight", "tokens_embed.weight"];

    private static readonly string[] LayerTensors =
    [
        "attn.c_attn.weight", "attn.c_attn.bias", "attn.c_proj.weight", "attn.c_proj.bias", "ln_1.weight", "ln_1.bias",
        "mlp.c_fc.weight", "mlp.c_fc.bias", "mlp.c_proj.weight", "mlp.c_proj.bias", "ln_2.weight", "ln_2.bias",
    ];

    private readonly List<NumpyFile> parts = [];

    private OpenAIParameters(string path) => Path = path;

    /// <inheritdoc/>
    public string Path { get; }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, string> Metadata { get; } = new Dictionary<string, string>();

    /// <inheritdoc/>
    public IReadOnlyList<SafetensorsTensor> Tensors { get; private set; } = [];

    /// <summary>Opens the files beside <paramref name="path"/>, which is <see cref="ShapesName"/>.</summary>
    /// <exception cref="GptGenException">A file is missing or damaged, or the shapes are none of GPT-1's or do not fit the numbers.</exception>
    internal static OpenAIParameters Open(string path)
    {
        var parameters = new OpenAIParameters(path);
        try
        {
            parameters.Tensors = Name(ReadShapes(path), path);
            parameters.OpenParts();
            return parameters;
        }
        catch
        {
            parameters.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public ElementType RequireFloat(SafetensorsTensor tensor) => ElementType.F32;

    /// <inheritdoc/>
    public void Read(SafetensorsTensor tensor, long first, Span<float> destination)
    {
        first += tensor.Offset / sizeof(float);
        foreach (var part in parts)
        {
            if (destination.IsEmpty)
                return;
            if (first < part.Count)
            {
                var count = (int)Math.Min(destination.Length, part.Count - first);
                part.Read(first, destination[..count]);
                destination = destination[count..];
                first += count;
            }

            first -= part.Count;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => parts.ForEach(static part => part.Dispose());

    private void OpenParts()
    {
        var folder = System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(Path))!;
        string Part() => System.IO.Path.Combine(folder, $"params_{parts.Count}.npy");
        while (parts.Count == 0 || File.Exists(Part()))
            parts.Add(NumpyFile.Open(Part()));
        var (found, needed) = (parts.Sum(static part => part.Count), Tensors.Sum(static tensor => tensor.Count));
        if (found != needed)
        {
            throw new GptGenException(
                $"'{Path}' lists shapes of {needed} numbers, but params_0.npy to params_{parts.Count - 1}.npy beside it have {found}: "
                + "put every params file of the model there.");
        }
    }

    private static List<long[]> ReadShapes(string path)
    {
        var shapes = new List<long[]>();
        var bytes = InputFile.ReadAll(path, "a list of shapes");
        if (bytes.Length > LongestShapes)
            throw new GptGenException($"'{path}' has {bytes.Length} bytes, more than any GPT-1's list of shapes. Check that it is the right file.");
        try
        {
            using var document = JsonDocument.Parse(bytes);
            foreach (var shape in document.RootElement.EnumerateArray())
            {
                // Without a query object for each: a hostile list has many.
                var (sizes, at) = (new long[shape.GetArrayLength()], 0);
                foreach (var size in shape.EnumerateArray())
                    sizes[at++] = size.GetUInt32();
                shapes.Add(sizes);
            }
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or FormatException)
        {
            throw new GptGenException($"'{path}' cannot be read as a list of shapes ({MessageText.Of(error)}). Download it again.", error);
        }

        return shapes;
    }

    private static List<SafetensorsTensor> Name(List<long[]> shapes, string path)
    {
        var layers = (shapes.Count - Tables.Length) / LayerTensors.Length;
        if (layers < 1 || shapes.Count != Tables.Length + (layers * LayerTensors.Length))
        {
            throw new GptGenException(
                $"'{path}' lists {shapes.Count} parameters, but a GPT-1 has {Tables.Length} tables and {LayerTensors.Length} parameters a layer. "
                + "Check that it is the right file.");
        }

        var names = Tables.Concat(Enumerable.Range(0, layers).SelectMany(static layer => LayerTensors.Select(tensor => $"h.{layer}.{tensor}")));
        var tensors = new List<SafetensorsTensor>();
        long offset = 0;
        foreach (var (name, stored) in names.Zip(shapes))
        {
            // Matrices are convolutions of width 1: [1, in, out].
            var shape = stored is [1, _, _] ? stored[1..] : stored;
            var count = shape.Aggregate((Int128)1, static (product, size) => Int128.Min(product * size, long.MaxValue));
            if (count > Array.MaxLength)
                throw new GptGenException(
                    $"'{path}' has {name} of shape {SafetensorsTensor.FormatShape(shape)}, which no GPT-1 has. Check that it is the right file.");
            tensors.Add(new(name, "F32", shape, (long)count, offset, (long)count * sizeof(float)));
            offset += (long)count * sizeof(float);
        }

        return tensors;
    }
}
