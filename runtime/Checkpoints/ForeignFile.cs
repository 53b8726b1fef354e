using System.Buffers.Binary;
using System.Text;

namespace GptGen.Checkpoints;

/// <summary>
/// Files that people have in place of weights that can be read: other formats, archives, and what was saved where a download failed. They are told by
/// their contents, whatever their names, and each comes with the way to weights.
/// </summary>
internal static class ForeignFile
{
    private const int HeadLength = 1 << 12;
    private const int TailLength = 1 << 16;

    private const string FromPyTorch =
        "load it in Python and save it again with model.save_pretrained(FOLDER, safe_serialization=True), or a state_dict alone with safetensors.torch.save_file";

    private const string FromTensorFlow =
        "load it in Python with from_pretrained(FOLDER, from_tf=True) and save it with save_pretrained(FOLDER, safe_serialization=True)";

    private const string FromFlax =
        "load it in Python with from_pretrained(FOLDER, from_flax=True) and save it with save_pretrained(FOLDER, safe_serialization=True)";

    private const string FromOriginal = "take the model's safetensors, from which it was made";
    private const string Again = "download it again";

    /// <summary>Throws when a file is of a kind that is known and cannot be read.</summary>
    /// <exception cref="GptGenException">It is; the message names kind and remedy.</exception>
    internal static void Refuse(RandomAccessFile file)
    {
        if (Recognise(file) is var (kind, remedy))
            throw new GptGenException($"'{file.Path}' is {kind}, not weights in safetensors or llm.c's format: {remedy}.");
    }

    /// <summary>Throws when what lies in place of a small text was saved where a download failed. A list of merges may begin with a "&lt;" of its own.</summary>
    /// <exception cref="GptGenException">It is such a file; the message names kind and remedy.</exception>
    internal static void RefuseLeftOver(ReadOnlySpan<byte> text, string path)
    {
        if (LeftOver(text) is var (kind, remedy))
            throw new GptGenException($"'{path}' is {kind}: {remedy}.");
    }

    private static (string Kind, string Remedy)? LeftOver(ReadOnlySpan<byte> text)
    {
        if (text.StartsWith("version https://git-lfs"u8))
            return ("a pointer of Git LFS in place of the file", "run 'git lfs pull' in the repository, or download the file itself");
        var start = text.TrimStart(" \t\r\n"u8);
        return Begins(start, "<!doctype") || Begins(start, "<html") || Begins(start, "<?xml")
            ? ("a web page, saved in place of the file", $"{Again}; a link to a file on a hub has /resolve/ in it, not /blob/")
            : null;

        static bool Begins(ReadOnlySpan<byte> text, string word) =>
            text.Length >= word.Length && Ascii.EqualsIgnoreCase(text[..word.Length], word);
    }

    private static (string Kind, string Remedy)? Recognise(RandomAccessFile file)
    {
        if (file.Length == 0)
            return ("an empty file", $"{Again}, or save it again");
        ReadOnlySpan<byte> head = file.Read(0, (int)Math.Min(HeadLength, file.Length));
        return Archive(file, head) ?? Binary(file, head) ?? Text(head);
    }

    private static (string, string)? Archive(RandomAccessFile file, ReadOnlySpan<byte> head)
    {
        if (head.StartsWith("PK\x3\x4"u8) || head.StartsWith("PK\x5\x6"u8))
        {
            // The names of what a zip file holds stand at its end.
            ReadOnlySpan<byte> tail = file.Read(Math.Max(0, file.Length - TailLength), (int)Math.Min(TailLength, file.Length));
            return Has(head, tail, "data.pkl"u8) ? ("a PyTorch file (torch.save)", FromPyTorch)
                : Has(head, tail, "model.weights.h5"u8) ? ("a Keras file", "load it in Python and save its weights with safetensors")
                : Has(head, tail, ".npy"u8) ? ("a NumPy archive (.npz)", "load it in Python and save it with safetensors.numpy.save_file")
                : ("a zip archive", "unpack it and name what is inside");
        }

        return head.StartsWith((ReadOnlySpan<byte>)[0x1F, 0x8B]) ? ("compressed (gzip)", "unpack it with gunzip or tar")
            : head.StartsWith((ReadOnlySpan<byte>)[0x28, 0xB5, 0x2F, 0xFD]) ? ("compressed (zstd)", "unpack it with unzstd")
            : head.StartsWith((ReadOnlySpan<byte>)[0xFD, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0]) ? ("compressed (xz)", "unpack it with unxz or tar")
            : head.StartsWith("BZh"u8) ? ("compressed (bzip2)", "unpack it with bunzip2 or tar")
            : head.StartsWith((ReadOnlySpan<byte>)[(byte)'7', (byte)'z', 0xBC, 0xAF]) ? ("a 7z archive", "unpack it and name what is inside")
            : head.Length > 262 && head[257..].StartsWith("ustar"u8) ? ("a tar archive", "unpack it and name what is inside")
            : null;
    }

    private static bool Has(ReadOnlySpan<byte> head, ReadOnlySpan<byte> tail, ReadOnlySpan<byte> name) => head.IndexOf(name) >= 0 || tail.IndexOf(name) >= 0;

    private static (string, string)? Binary(RandomAccessFile file, ReadOnlySpan<byte> head)
    {
        if (head.StartsWith("GGUF"u8) || head.StartsWith("FUGG"u8))
            return ("a GGUF file of llama.cpp", FromOriginal);
        if (head.StartsWith("lmgg"u8) || head.StartsWith("fmgg"u8) || head.StartsWith("tjgg"u8) || head.StartsWith("algg"u8))
            return ("a GGML file", FromOriginal);
        if (head.StartsWith((ReadOnlySpan<byte>)[0x89, (byte)'H', (byte)'D', (byte)'F', 0x0D, 0x0A, 0x1A, 0x0A]))
            return ("an HDF5 file (TensorFlow, Keras)", FromTensorFlow);
        if (head.StartsWith((ReadOnlySpan<byte>)[0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y']))
            return ("one array of NumPy's", $"name the folder with {OpenAIParameters.ShapesName} for OpenAI's GPT-1, or save the model as safetensors");
        if (head.Length > 3 && head[0] == 0x80 && head[1] is >= 2 and <= 5)
            return ("a pickle, as PyTorch before 1.6 saved it", FromPyTorch);
        if (file.Length >= 48 && BinaryPrimitives.ReadUInt64LittleEndian(file.Read(file.Length - 8, 8)) == 0xDB4775248B80FB57)
            return ("the index of a TensorFlow checkpoint", FromTensorFlow);
        if (head.Length > 8 && head[4..].StartsWith("TFL3"u8))
            return ("a TensorFlow Lite file", FromOriginal);
        if (head.Length > 4 && BinaryPrimitives.ReadInt32LittleEndian(head) is 20240520 or 20240801)
            return ("a file of tokens", "it is data to train or evaluate on, so name a model here");
        if (head.Length > 4 && BinaryPrimitives.ReadInt32LittleEndian(head) == 20240527)
            return ("the optimiser's state of llm.c", "name the file model_….bin beside it");
        if (head.Length > 4 && BinaryPrimitives.ReadInt32LittleEndian(head) == 0x616B3432)
            return ("a model of llama2.c", "GPT-1 and GPT-2 are other families, so use another program");
        if (IsOnnx(head))
            return ("an ONNX file", FromOriginal);
        // A map of few entries whose first key is a short text.
        return head.Length > 2 && (head[0] is > 0x80 and <= 0x8F or 0xDE) && IsMessagePackKey(head[0] == 0xDE ? head[3..] : head[1..])
            ? ("a MessagePack file (Flax)", FromFlax)
            : null;
    }

    private static bool IsMessagePackKey(ReadOnlySpan<byte> bytes) =>
        bytes.Length > 1 && bytes[0] is >= 0xA1 and <= 0xBF && bytes.Length > bytes[0] - 0xA0 && IsText(bytes[1..(1 + bytes[0] - 0xA0)]);

    // ModelProto: field 1, the version, a small number; then field 2, the producer's name, or the graph itself.
    private static bool IsOnnx(ReadOnlySpan<byte> head) =>
        head.Length > 4 && head[0] == 0x08 && head[1] is > 0 and < 32
        && ((head[2] == 0x12 && head[3] < head.Length - 4 && IsText(head.Slice(4, head[3]))) || head[2] == 0x3A);

    private static (string, string)? Text(ReadOnlySpan<byte> head)
    {
        if (LeftOver(head) is { } leftOver)
            return leftOver;
        var start = head.StartsWith("\uFEFF"u8) ? head[3..] : head;
        start = start.TrimStart(" \t\r\n"u8);
        if (!IsText(start))
            return null;
        var quote = MessageText.Shorten(Encoding.UTF8.GetString(start).Trim());
        return start.IsEmpty ? ("a file of white space", Again)
            : start[0] == '<' ? ($"a text of markup ({quote})", Again)
            : start[0] is (byte)'{' or (byte)'[' ? ($"JSON ({quote})", $"name the file of the weights, or {Again} if it should be that")
            : ($"a text ({quote})", $"name the file of the weights, or {Again} if it should be that");
    }

    private static bool IsText(ReadOnlySpan<byte> bytes)
    {
        // A letter of UTF-8 may be cut off at the end.
        const int LongestLetter = 4;
        foreach (var value in bytes)
        {
            if (value < 32 && value is not ((byte)'\t' or (byte)'\n' or (byte)'\r' or (byte)'\f'))
                return false;
        }

        for (var cut = 0; cut < LongestLetter && cut <= bytes.Length; cut++)
        {
            if (System.Text.Unicode.Utf8.IsValid(bytes[..^cut]))
                return true;
        }

        return false;
    }
}
