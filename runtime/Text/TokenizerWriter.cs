using System.Runtime.CompilerServices;
using System.Text;
using GptGen.Checkpoints;

namespace GptGen.Text;

/// <summary>Writes tokenizers into folders, as Hugging Face's libraries and <see cref="Tokenizer.Open"/> read them.</summary>
internal static class TokenizerWriter
{
    /// <summary>The files that can be made of tokenizers: a fine-tuning writes them with each of its best weights.</summary>
    private static readonly ConditionalWeakTable<Tokenizer, List<(string Name, byte[] Content)>> s_made = [];

    /// <summary>Copies the files of a tokenizer that was read from a folder.</summary>
    /// <exception cref="GptGenException">The target holds another tokenizer, or a file cannot be read or written.</exception>
    public static void Copy(Tokenizer tokenizer, string target)
    {
        if (Path.GetFullPath(tokenizer.Name) != Path.GetFullPath(target))
            Write(tokenizer.Origin!.Files(), target);
    }

    /// <summary>Writes a whole tokenizer, also one without files.</summary>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="target">The folder.</param>
    /// <param name="longest">The most tokens that the model beside it reads; null where nothing limits them, or there is no model.</param>
    /// <exception cref="GptGenException">As <see cref="Copy"/>.</exception>
    public static void Save(Tokenizer tokenizer, string target, int? longest = null)
    {
        if (tokenizer.Origin is not null && Path.GetFullPath(tokenizer.Name) == Path.GetFullPath(target))
            return;
        var made = s_made.GetValue(tokenizer, Make);
        var files = tokenizer.Origin?.Files() ?? [];
        var isWhole = files.Any(static file => file.Name == TokenizerFileNames.Json);
        // Those that were read stay as they are, the vocabulary's own last.
        files = [.. made.Where(file => !files.Exists(read => read.Name == file.Name)), .. files];

        // Of Marian's the model's kind says it.
        if (tokenizer is not (CharacterTokenizer or WordVocabularyTokenizer or MarianTokenizer)
            && !files.Any(static file => file.Name == TokenizerFileNames.Config))
            files = [(TokenizerFileNames.Config, Config(tokenizer, isWhole)), .. files];
        if (longest is { } length)
            files = files.ConvertAll(file => file.Name == TokenizerFileNames.Config ? (file.Name, TextLength.Limit(file.Content, length)) : file);
        Write(files, target);
    }

    private static List<(string Name, byte[] Content)> Make(Tokenizer tokenizer) =>
        BytePairContents.Of(tokenizer) is { } contents ? BytePairWriter.Files(contents)
        : tokenizer is WordPieceTokenizer pieces ? WordPieceWriter.Files(pieces.Names, pieces.Rules)
        : tokenizer is Gpt1Tokenizer gpt1 ? Gpt1Writer.Files(gpt1)
        : tokenizer.Origin is not null ? []
        : throw new GptGenException(
            $"The tokenizer '{tokenizer.Name}' is a program's own and has no files: save the weights without it, and its files beside them.");

    /// <summary>Refuses a folder with another tokenizer's files before anything is written into it.</summary>
    private static void Write(List<(string Name, byte[] Content)> files, string target)
    {
        var there = Directory.Exists(target) ? Directory.EnumerateFiles(target).Select(static path => Path.GetFileName(path)).ToHashSet() : [];
        foreach (var name in there.Where(TokenizerFileNames.IsTokenizers).Order(StringComparer.Ordinal))
        {
            var path = Path.Combine(target, name);
            if (files.Find(file => file.Name == name).Content is not { } content || !IsSame(name, TokenizerFileNames.ReadAll(path), content))
            {
                throw new GptGenException(
                    $"'{path}' is there already and belongs to another vocabulary: name another folder, or remove the file.");
            }
        }

        // The vocabulary last: without it the others are no tokenizer.
        foreach (var (name, content) in files)
        {
            var path = Path.Combine(target, name);
            if (!there.Contains(name) || !TokenizerFileNames.IsTokenizers(name) || !TokenizerFileNames.ReadAll(path).AsSpan().SequenceEqual(content))
                AtomicFile.Write(path, stream => stream.Write(content));
        }
    }

    // How long texts may be is the model's, whose weights are replaced too.
    private static bool IsSame(string name, byte[] there, byte[] content) => there.AsSpan().SequenceEqual(content)
        || name == TokenizerFileNames.Config && TextLength.IsAllThatDiffers(there, content);

    /// <summary>What Hugging Face's libraries would otherwise guess from the model's kind.</summary>
    private static byte[] Config(Tokenizer tokenizer, bool isWhole) => JsonBytes.Compact(json =>
    {
        var isGpt1 = tokenizer is Gpt1Tokenizer;
        json.WriteString("tokenizer_class", isWhole ? "PreTrainedTokenizerFast" : isGpt1 ? "OpenAIGPTTokenizer" : "GPT2Tokenizer");
        var end = tokenizer.EndOfText is { } token ? Encoding.UTF8.GetString(tokenizer.Bytes(token)) : null;
        json.WriteString("bos_token", tokenizer.BeginOfText is { } begin ? Encoding.UTF8.GetString(tokenizer.Bytes(begin)) : end);
        json.WriteString("eos_token", end);
        json.WriteString("unk_token", isGpt1 ? Gpt1Tokenizer.Unknown : end);
        if (BytePairContents.Of(tokenizer) is { AddsSpace: true })
            json.WriteBoolean("add_prefix_space", true);
        json.WriteBoolean("clean_up_tokenization_spaces", false);
    });
}
