using System.Globalization;
using System.Text.Json;
using GptGen.Files;

namespace GptGen.Checkpoints.Gguf;

/// <summary>
/// A GGUF file of a GPT-2, checked completely when it is opened. Its tensors have Hugging Face's names, and what its metadata say of the model stands
/// in <see cref="Metadata"/> as a <c>config.json</c> would say it.
/// </summary>
internal sealed class GgufFile : ITensorFile
{
    /// <summary>How the files' names end.</summary>
    internal const string Extension = ".gguf";

    private readonly RandomAccessFile file;

    private GgufFile(RandomAccessFile file)
    {
        this.file = file;
        Header = GgufHeader.Read(file);
        RequireGpt2();
        Tensors = Header.Tensors.ConvertAll(static tensor => tensor with { Name = GgufNames.Own(tensor.Name) });
        Metadata = new Dictionary<string, string> { [TrainingCheckpoint.ConfigKey] = Config() };
    }

    /// <inheritdoc/>
    public string Path => file.Path;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <inheritdoc/>
    public IReadOnlyList<SafetensorsTensor> Tensors { get; }

    /// <inheritdoc/>
    public bool HasTurnedMatrices => true;

    /// <summary>What the file says of itself.</summary>
    internal GgufHeader Header { get; }

    /// <summary>Whether a path names such a file.</summary>
    internal static bool HasName(string path) => path.EndsWith(Extension, StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether a file is one by its contents, or by its name where its contents are none that is read.</summary>
    /// <exception cref="GptGenException">It cannot be read.</exception>
    internal static bool IsOne(string path)
    {
        using var file = RandomAccessFile.Open(path, WeightFiles.Need);
        return GgufHeader.IsBeginning(file) || (HasName(path) && !SafetensorsHeader.IsBeginning(file));
    }

    /// <summary>Opens and checks a file.</summary>
    /// <exception cref="GptGenException">The file is missing, unreadable or damaged, or holds another model than a GPT-2.</exception>
    internal static GgufFile Open(string path)
    {
        var file = RandomAccessFile.Open(path, WeightFiles.Need);
        try
        {
            return new(file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public ElementType RequireFloat(SafetensorsTensor tensor) => tensor.Element!.Value;

    /// <inheritdoc/>
    public void Read(SafetensorsTensor tensor, long first, Span<float> destination)
    {
        if (tensor.Element is { } type && type.HasBlocks())
            ReadBlocks(tensor, type, first, destination);
        else
            file.Read(tensor.Offset + (first * tensor.Element!.Value.Size()), tensor.Element.Value, destination);
    }

    /// <inheritdoc/>
    public bool TryCopy(SafetensorsTensor tensor, long first, Span<byte> destination)
    {
        file.Read(tensor.Offset + tensor.Element!.Value.BytesOf(first), destination);
        return true;
    }

    /// <inheritdoc/>
    public void Dispose() => file.Dispose();

    private void ReadBlocks(SafetensorsTensor tensor, ElementType type, long first, Span<float> destination)
    {
        const int Most = 1 << 11;
        var size = (int)type.BytesOf(QuantizedBlocks.Elements);
        var bytes = new byte[Most * size];
        var values = new float[Most * QuantizedBlocks.Elements];
        while (!destination.IsEmpty)
        {
            var (block, skipped) = Math.DivRem(first, QuantizedBlocks.Elements);
            var blocks = (int)Math.Min(Most, (skipped + destination.Length + QuantizedBlocks.Elements - 1) / QuantizedBlocks.Elements);
            file.Read(tensor.Offset + (block * size), bytes.AsSpan(0, blocks * size));
            ElementBlocks.Decode(type, bytes, values.AsSpan(0, blocks * QuantizedBlocks.Elements));
            var count = Math.Min((blocks * QuantizedBlocks.Elements) - (int)skipped, destination.Length);
            values.AsSpan((int)skipped, count).CopyTo(destination);
            destination = destination[count..];
            first += count;
        }
    }

    private void RequireGpt2()
    {
        var kind = Header.Find<string>("general.type") ?? "model";
        if (kind != "model")
            throw new GptGenException($"'{Path}' is a GGUF file of the kind '{MessageText.Shorten(kind)}', not of a model: name the model's.");
        if (Header.FindNumber("split.count") is > 1 and var count)
        {
            throw new GptGenException(
                $"'{Path}' is one of {count} GGUF files of a model: put them together with llama.cpp's 'gguf-split --merge' and name the result.");
        }

        var architecture = Header.Find<string>(GgufFormat.ArchitectureKey)
            ?? throw Header.Damaged($"it lacks '{GgufFormat.ArchitectureKey}'");
        if (architecture != GgufFormat.Gpt2)
        {
            throw new GptGenException(
                $"'{Path}' is a GGUF file of the architecture '{MessageText.Shorten(architecture)}', but only {GgufFormat.Gpt2} is read.");
        }
    }

    private string Config()
    {
        static string Key(string name) => $"{GgufFormat.Gpt2}.{name}";
        var table = Header.Tensors.Find(static tensor => tensor.Name == GgufNames.TokenTable);
        var head = Header.Tensors.Find(static tensor => tensor.Name == GgufNames.Head);
        var epsilon = Header.Values.GetValueOrDefault(Key("attention.layer_norm_epsilon"));
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteString("model_type", GgufFormat.Gpt2);
            json.WriteNumber("n_layer", Header.Number(Key("block_count")));
            json.WriteNumber("n_head", Header.Number(Key("attention.head_count")));
            json.WriteNumber("n_embd", Header.Number(Key("embedding_length")));
            json.WriteNumber("n_positions", Header.Number(Key("context_length")));
            if (Header.FindNumber(Key("feed_forward_length")) is { } inner)
                json.WriteNumber("n_inner", inner);
            if (table is { Shape: [var rows, _] })
                json.WriteNumber("vocab_size", rows);
            json.WriteString("activation_function", "gelu_new");
            if (epsilon is not double number || !double.IsFinite(number))
                throw Header.Damaged($"it lacks '{Key("attention.layer_norm_epsilon")}'");
            // As a binary32, which the file has: 1e-5, not the double next to it.
            json.WritePropertyName("layer_norm_epsilon");
            json.WriteRawValue(((float)number).ToString("R", CultureInfo.InvariantCulture));
            // A head of its own that has the table's numbers is a copy.
            json.WriteBoolean("tie_word_embeddings", head is null || (table is not null && TensorContents.AreSame((this, table), (this, head))));
            json.WriteEndObject();
        }

        return System.Text.Encoding.UTF8.GetString(stream.ToArray());
    }
}
