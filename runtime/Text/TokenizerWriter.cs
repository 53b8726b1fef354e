using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using GptGen.Checkpoints;

namespace GptGen.Text;

/// <summary>Writes tokenizers into folders, as Hugging Face's libraries and <see cref="Tokenizer.Open"/> read them.</summary>
internal static class TokenizerWriter
{
    /// <summary>The files of tokenizers that have none: a fine-tuning writes them with each of its best weights.</summary>
    private static readonly ConditionalWeakTable<Tokenizer, List<(string Name, byte[] Content)>> s_made = [];

    private static readonly JsonWriterOptions s_readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Copies the files of a tokenizer that was read from a folder.</summary>
    /// <exception cref="GptGenException">The target holds another tokenizer, or a file cannot be read or written.</exception>
    public static void Copy(Tokenizer tokenizer, string target)
    {
        if (Path.GetFullPath(tokenizer.Name) != Path.GetFullPath(target))
            Write(tokenizer.Origin!.Files(), target);
    }

    /// <summary>Writes a whole tokenizer, also one without files.</summary>
    /// <exception cref="GptGenException">As <see cref="Copy"/>.</exception>
    public static void Save(Tokenizer tokenizer, string target)
    {
        if (tokenizer.Origin is not null && Path.GetFullPath(tokenizer.Name) == Path.GetFullPath(target))
            return;
        var files = tokenizer.Origin?.Files() ?? s_made.GetValue(tokenizer, Make);
        if (tokenizer is WordPieceTokenizer pieces)
        {
            var missing = WordPieceWriter.Files(pieces.Names, pieces.Rules).Where(made => !files.Exists(file => file.Name == made.Name));
            files = [.. missing, .. files];
        }

        // Of Marian's the model's kind says it.
        if (tokenizer is not (CharacterTokenizer or WordVocabularyTokenizer or MarianTokenizer)
            && !files.Any(static file => file.Name == TokenizerFileNames.Config))
            files = [(TokenizerFileNames.Config, Config(tokenizer, files.Any(static file => file.Name == TokenizerFileNames.Json))), .. files];
        Write(files, target);
    }

    private static List<(string Name, byte[] Content)> Make(Tokenizer tokenizer) => tokenizer is ByteTokenizer or BytePairTokenizer
        ? [(TokenizerFileNames.Merges, Merges(tokenizer)), (TokenizerFileNames.Vocabulary, Vocabulary(tokenizer))]
        : throw new GptGenException(
            $"The tokenizer '{tokenizer.Name}' is a program's own and has no files: save the weights without it, and its files beside them.");

    /// <summary>Refuses a folder with another tokenizer's files before anything is written into it.</summary>
    private static void Write(List<(string Name, byte[] Content)> files, string target)
    {
        var there = Directory.Exists(target) ? Directory.EnumerateFiles(target).Select(static path => Path.GetFileName(path)).ToHashSet() : [];
        foreach (var name in there.Where(TokenizerFileNames.IsTokenizers).Order(StringComparer.Ordinal))
        {
            var path = Path.Combine(target, name);
            if (files.Find(file => file.Name == name).Content is not { } content || !TokenizerFileNames.ReadAll(path).AsSpan().SequenceEqual(content))
            {
                throw new GptGenException(
                    $"'{path}' is there already and belongs to another vocabulary: name another folder with --out, or remove the file.");
            }
        }

        // The vocabulary last: without it the others are no tokenizer.
        foreach (var (name, content) in files.Where(file => !there.Contains(file.Name) || !TokenizerFileNames.IsTokenizers(file.Name)))
            AtomicFile.Write(Path.Combine(target, name), stream => stream.Write(content));
    }

    /// <summary>What Hugging Face's libraries would otherwise guess from the model's kind.</summary>
    private static byte[] Config(Tokenizer tokenizer, bool isWhole) => Json(json =>
    {
        var isGpt1 = tokenizer is Gpt1Tokenizer;
        json.WriteStartObject();
        json.WriteString("tokenizer_class", isWhole ? "PreTrainedTokenizerFast" : isGpt1 ? "OpenAIGPTTokenizer" : "GPT2Tokenizer");
        var end = tokenizer.EndOfText is { } token ? Encoding.UTF8.GetString(tokenizer.Bytes(token)) : null;
        json.WriteString("bos_token", tokenizer.BeginOfText is { } begin ? Encoding.UTF8.GetString(tokenizer.Bytes(begin)) : end);
        json.WriteString("eos_token", end);
        json.WriteString("unk_token", isGpt1 ? Gpt1Tokenizer.Unknown : end);
        json.WriteBoolean("clean_up_tokenization_spaces", false);
        json.WriteEndObject();
    });

    private static byte[] Vocabulary(Tokenizer tokenizer) => Json(json =>
    {
        json.WriteStartObject();
        for (var token = 0; token < tokenizer.VocabularySize; token++)
            json.WriteNumber(token == tokenizer.EndOfText ? BytePairTokenizer.EndOfTextName : VisibleBytes.Name(tokenizer.Bytes(token)), token);
        json.WriteEndObject();
    });

    /// <summary>
    /// The merges of a vocabulary in which every token but the bytes is made by one, in the order of their numbers: each token's is the last that its
    /// bytes undergo where only the tokens before it exist.
    /// </summary>
    private static byte[] Merges(Tokenizer tokenizer)
    {
        var lines = new StringBuilder($"{VocabularyFiles.MergesHeader}: 0.2\n");
        var numbers = new Dictionary<byte[], int>(new ByteComparer());
        for (var token = 0; token < tokenizer.VocabularySize; token++)
        {
            if (token != tokenizer.EndOfText)
                numbers[tokenizer.Bytes(token).ToArray()] = token;
        }

        var find = numbers.GetAlternateLookup<ReadOnlySpan<byte>>();
        foreach (var (bytes, token) in numbers.Where(static entry => entry.Key.Length > 1).OrderBy(static entry => entry.Value))
        {
            List<int> cuts = [.. Enumerable.Range(0, bytes.Length + 1)];
            while (cuts.Count > 3)
            {
                var (best, at) = (token, -1);
                for (var i = 0; i + 2 < cuts.Count; i++)
                {
                    if (find.TryGetValue(bytes.AsSpan(cuts[i]..cuts[i + 2]), out var number) && number < best)
                        (best, at) = (number, i + 1);
                }

                cuts.RemoveAt(at);
            }

            lines.Append(VisibleBytes.Name(bytes.AsSpan(0, cuts[1]))).Append(' ').Append(VisibleBytes.Name(bytes.AsSpan(cuts[1]))).Append('\n');
        }

        return Encoding.UTF8.GetBytes(lines.ToString());
    }

    private static byte[] Json(Action<Utf8JsonWriter> write)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, s_readable))
            write(json);
        return stream.ToArray();
    }
}
