using System.Text;
using GptGen.Files;

namespace GptGen.Checkpoints;

/// <summary>Files that people have in place of weights that can be read, each with the way to weights.</summary>
internal static class ForeignFile
{
    private const string FromPyTorch =
        "load it in Python and save it again with model.save_pretrained(FOLDER, safe_serialization=True), "
        + "or a state_dict alone with safetensors.torch.save_file";

    private const string FromTensorFlow =
        "load it in Python with from_pretrained(FOLDER, from_tf=True) and save it with save_pretrained(FOLDER, safe_serialization=True)";

    private const string FromFlax =
        "load it in Python with from_pretrained(FOLDER, from_flax=True) and save it with save_pretrained(FOLDER, safe_serialization=True)";

    private const string Again = "download it again";
    private const string Other = $"name the file of the weights, or {Again} if it should be that";

    /// <summary>Throws when a file is of a kind that is known and cannot be read.</summary>
    /// <exception cref="GptGenException">It is; the message names kind and remedy.</exception>
    internal static void Refuse(RandomAccessFile file)
    {
        var (kind, remedy) = Recognise(file);
        if (kind is not null)
            throw new GptGenException($"'{file.Path}' is {kind}, not weights in safetensors or llm.c's format: {remedy}.");
    }

    /// <summary>
    /// Throws when what lies in place of a small text was saved where a download failed. A list of merges may begin with a "&lt;" of its own.
    /// </summary>
    /// <exception cref="GptGenException">It is such a file; the message names kind and remedy.</exception>
    internal static void RefuseLeftOver(ReadOnlySpan<byte> text, string path)
    {
        if (FileContent.Recognise(text) is { } format and (FileFormat.LfsPointer or FileFormat.WebPage))
            throw new GptGenException($"'{path}' is {FileContent.Name(format)}: {Remedy(format)}.");
    }

    private static (string? Kind, string? Remedy) Recognise(RandomAccessFile file)
    {
        if (file.Length == 0)
            return ("an empty file", $"{Again}, or save it again");
        var looked = (int)Math.Min(FileContent.Looked, file.Length);
        var head = file.Read(0, looked);
        return FileContent.Recognise(head, file.Read(file.Length - looked, looked)) switch
        {
            // What is damaged in ours, the reader says itself.
            FileFormat.Safetensors or FileFormat.LlmcWeights => default,
            { } format => (FileContent.Name(format), Remedy(format)),
            null => Text(head),
        };
    }

    private static string Remedy(FileFormat format) => format switch
    {
        FileFormat.PyTorch or FileFormat.OldPyTorch or FileFormat.Pickle => FromPyTorch,
        FileFormat.Hdf5 or FileFormat.TensorFlowIndex => FromTensorFlow,
        FileFormat.MessagePack => FromFlax,
        FileFormat.Keras => "load it in Python and save its weights with safetensors",
        FileFormat.NumpyArchive => "load it in Python and save it with safetensors.numpy.save_file",
        FileFormat.NumpyArray => $"name the folder with {OpenAIParameters.ShapesName} for OpenAI's GPT-1, or save the model as safetensors",
        FileFormat.Gguf or FileFormat.Ggml or FileFormat.TensorFlowLite or FileFormat.Onnx => "take the model's safetensors, from which it was made",
        FileFormat.Llama2C or FileFormat.LlmcLlamaWeights => "GPT-1 and GPT-2 are other families, so use another program",
        FileFormat.LlmcTokens or FileFormat.LlmcLlamaTokens => "it is data to train or evaluate on, so name a model here",
        FileFormat.LlmcState or FileFormat.LlmcComparison => "name the file model_….bin beside it",
        _ => FileContent.Remedy(format) ?? Other,
    };

    private static (string? Kind, string? Remedy) Text(ReadOnlySpan<byte> head)
    {
        var start = head.TrimStart("\uFEFF"u8).TrimStart(" \t\r\n"u8);
        if (!FileContent.IsText(start))
            return default;
        var quote = MessageText.Shorten(Encoding.UTF8.GetString(start).Trim());
        return start.IsEmpty ? ("a file of white space", Again)
            : start[0] == '<' ? ($"a text of markup ({quote})", Again)
            : start[0] is (byte)'{' or (byte)'[' ? ($"JSON ({quote})", Other)
            : ($"a text ({quote})", Other);
    }
}
