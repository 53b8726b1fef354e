using System.Buffers.Binary;
using GptGen.Files;

namespace GptGen.Checkpoints;

/// <summary>
/// Model files of karpathy/llm.c: a header of 256 32-bit integers (magic, version, context, vocabulary, layers, heads, width, padded
/// vocabulary), then the sixteen kinds of GPT-2's tensors, each kind over all layers, matrices [out, in], the token table padded
/// with rows to the padded vocabulary. Version 3 is f32, version 5 bf16. Little-endian.
/// </summary>
public static class LlmcCheckpoint
{
    /// <summary>How the files' names end.</summary>
    public const string Extension = ".bin";

    private const int HeaderIntegers = 256;
    private const int HeaderSize = HeaderIntegers * sizeof(int);
    private const int Magic = 20240326;
    private const int FloatVersion = 3;
    private const int BFloat16Version = 5;
    private const int ChunkElements = 1 << 16;

    // llm.c rounds the vocabulary up to a multiple of this.
    private const int VocabularyAlignment = 128;

    private const string TokenTable = "wte.weight";

    // The kinds of tensors in a block, in the file's order.
    private static readonly string[] BlockTensors =
    [
        "ln_1.weight", "ln_1.bias", "attn.c_attn.weight", "attn.c_attn.bias", "attn.c_proj.weight", "attn.c_proj.bias",
        "ln_2.weight", "ln_2.bias", "mlp.c_fc.weight", "mlp.c_fc.bias", "mlp.c_proj.weight", "mlp.c_proj.bias",
    ];

    /// <summary>Sets a model's weights from a file. Everything is checked before the first weight is written.</summary>
    /// <exception cref="GptGenException">The file is missing or damaged, or holds another model.</exception>
    public static void Load(Model model, string path) => Load(model, model.Description, path);

    /// <summary>As the public method, for the part of a model's weights that <paramref name="description"/> has.</summary>
    internal static void Load(Model model, ModelDescription description, string path)
    {
        using var file = RandomAccessFile.Open(path, WeightFiles.Need);
        var header = ReadHeader(file);
        if (Differences(header, description) is [var difference, ..])
            throw new GptGenException($"'{path}' holds another model: its {difference}. Use the model that fits, or other weights.");
        var order = FileOrder(description, path);
        var (type, paddedVocabulary) = ReadLayout(path, header);
        var size = type.Size();
        var padding = (long)(paddedVocabulary - description.Vocabulary) * description.Width;
        var length = HeaderSize + ((order.Sum(static parameter => (long)parameter.Count) + padding) * size);
        if (file.Length != length)
            throw new GptGenException(
                $"'{path}' has {file.Length} bytes, but its header promises {length}: it is truncated or damaged. Download or export it again.");

        var values = new float[ChunkElements];
        long offset = HeaderSize;
        foreach (var parameter in order)
        {
            for (nint done = 0; done < parameter.Count; done += ChunkElements)
            {
                var part = values.AsSpan(0, (int)Math.Min(ChunkElements, parameter.Count - done));
                file.Read(offset, type, part);
                model.Parameters.Write(parameter.Offset + done, part);
                offset += part.Length * size;
            }

            if (parameter.Name == TokenTable)
                offset += padding * size;
        }
    }

    /// <summary>Writes a model's weights as f32 or bf16.</summary>
    /// <exception cref="GptGenException">llm.c cannot express the model or the type, or the target cannot be written.</exception>
    public static void Save(Model model, string path, ElementType type = ElementType.F32)
    {
        if (type == ElementType.F16)
            throw new GptGenException($"Cannot write '{path}': llm.c's files hold F32 or BF16, not F16. Choose one of these.");
        var description = model.Description;
        var order = FileOrder(description, path);
        var paddedVocabulary = (description.Vocabulary + VocabularyAlignment - 1) / VocabularyAlignment * VocabularyAlignment;
        AtomicFile.Write(path, stream =>
        {
            WriteHeader(stream, description, type, paddedVocabulary);
            var values = new float[ChunkElements];
            var bytes = new byte[ChunkElements * type.Size()];
            foreach (var parameter in order)
            {
                for (nint done = 0; done < parameter.Count; done += ChunkElements)
                {
                    var part = values.AsSpan(0, (int)Math.Min(ChunkElements, parameter.Count - done));
                    model.Parameters.Read(parameter.Offset + done, part);
                    SafetensorsWriter.WritePart(stream, parameter.Name, type, part, bytes);
                }

                if (parameter.Name == TokenTable)
                    stream.Write(new byte[(paddedVocabulary - description.Vocabulary) * description.Width * type.Size()]);
            }
        });
    }

    private static bool IsPlain(ModelDescription model) => model.TiedHead && model.Biases && model.Activation == Activation.GeluTanh
        && model.LayerNorm == LayerNormPlacement.Before && model.HiddenWidth == 4 * model.Width;

    /// <summary>The parameters in the file's order; throws when the model is no plain GPT-2.</summary>
    private static List<ParameterInfo> FileOrder(ModelDescription model, string path)
    {
        if (!IsPlain(model))
        {
            throw new GptGenException(
                $"'{path}' cannot hold {model.Name}: llm.c's files hold plain GPT-2 models (tied head, biases, tanh GELU, LayerNorm before, "
                + "hidden width 4 x width). Use a .safetensors file.");
        }

        var byName = model.Parameters.ToDictionary(static parameter => parameter.Name);
        var names = new List<string> { TokenTable, "wpe.weight" };
        foreach (var tensor in BlockTensors)
            names.AddRange(Enumerable.Range(0, model.Layers).Select(layer => $"h.{layer}.{tensor}"));
        names.AddRange(["ln_f.weight", "ln_f.bias"]);
        if (names.Count != byName.Count || !names.TrueForAll(byName.ContainsKey))
            throw new GptGenException($"'{path}' cannot hold {model.Name}: its parameters are not GPT-2's. Use a .safetensors file.");
        return names.ConvertAll(name => byName[name]);
    }

    /// <summary>Whether these bytes begin a model of llm.c.</summary>
    internal static bool IsBeginning(ReadOnlySpan<byte> bytes) => bytes.Length >= sizeof(int) && Field(bytes, 0) == Magic;

    /// <summary>In what a model is another than the file's; empty when it is the same.</summary>
    /// <exception cref="GptGenException">The file is missing or damaged.</exception>
    internal static IReadOnlyList<string> Differences(string path, ModelDescription model)
    {
        using var file = RandomAccessFile.Open(path, WeightFiles.Need);
        var differences = Differences(ReadHeader(file), model);
        return IsPlain(model) ? differences : [.. differences, $"kind is plain GPT-2, but {model.Name} is another"];
    }

    private static List<string> Differences(ReadOnlySpan<byte> header, ModelDescription model)
    {
        (string What, int Field, int Expected)[] sizes =
        [
            ("context", 2, model.Context),
            ("vocabulary", 3, model.Vocabulary),
            ("number of layers", 4, model.Layers),
            ("number of heads", 5, model.Heads),
            ("width", 6, model.Width),
        ];
        var differences = new List<string>();
        foreach (var (what, field, expected) in sizes)
        {
            if (Field(header, field) != expected)
                differences.Add($"{what} is {Field(header, field)}, but {model.Name} has {expected}");
        }

        return differences;
    }

    private static byte[] ReadHeader(RandomAccessFile file)
    {
        if (file.Length < sizeof(int) || !IsBeginning(file.Read(0, sizeof(int))))
            ForeignFile.Refuse(file);
        if (file.Length < HeaderSize)
            throw new GptGenException(
                $"'{file.Path}' has {file.Length} bytes, too few for the header of an llm.c model. Check that it is the right file.");
        var header = file.Read(0, HeaderSize);
        return IsBeginning(header)
            ? header
            : throw new GptGenException(
                $"'{file.Path}' is not an llm.c model: it begins with {Field(header, 0)}, not {Magic}. Check that it is the right file.");
    }

    private static (ElementType Type, int PaddedVocabulary) ReadLayout(string path, ReadOnlySpan<byte> header)
    {
        ElementType type = Field(header, 1) switch
        {
            FloatVersion => ElementType.F32,
            BFloat16Version => ElementType.BF16,
            var version => throw new GptGenException(
                $"'{path}' is an llm.c model of version {version}, but only {FloatVersion} (f32) and {BFloat16Version} (bf16) can be read. "
                + "Export it again with a newer llm.c."),
        };

        var (vocabulary, padded) = (Field(header, 3), Field(header, 7));
        if (padded < vocabulary)
            throw new GptGenException($"'{path}' pads {vocabulary} tokens to {padded}, which is fewer: it is damaged. Download or export it again.");
        return (type, padded);
    }

    private static int Field(ReadOnlySpan<byte> header, int index) => BinaryPrimitives.ReadInt32LittleEndian(header[(index * sizeof(int))..]);

    private static void WriteHeader(Stream stream, ModelDescription model, ElementType type, int paddedVocabulary)
    {
        Span<byte> header = stackalloc byte[HeaderSize];
        header.Clear();
        ReadOnlySpan<int> fields =
        [
            Magic, type == ElementType.F32 ? FloatVersion : BFloat16Version,
            model.Context, model.Vocabulary, model.Layers, model.Heads, model.Width, paddedVocabulary,
        ];
        for (var index = 0; index < fields.Length; index++)
            BinaryPrimitives.WriteInt32LittleEndian(header[(index * sizeof(int))..], fields[index]);
        stream.Write(header);
    }
}
