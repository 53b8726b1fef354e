using System.Text.Json;
using GptGen.Checkpoints;

namespace GptGen.Text;

/// <summary>
/// Reads <c>tokenizer.json</c> of Hugging Face's tokenizers library: byte-level byte-pair encoding as GPT-2's, GPT-1's, and BERT's WordPiece. Every
/// key is obeyed, known to change no token, or refused by its name.
/// </summary>
internal static class TokenizerJson
{
    /// <summary>Reads the file.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="note">Takes what a user should know of it.</param>
    /// <exception cref="GptGenException">It is damaged, or describes what is not done here; the key is named.</exception>
    public static TokenizerDefinition Read(string path, Action<string>? note)
    {
        using var document = JsonFile.Parse(TokenizerFileNames.ReadAll(path), path);
        var root = JsonKeys.Of(document.RootElement, path);
        if (root.TakeText("version") is { } version && version != "1.0")
            throw root.Wrong("version", $"is {MessageText.Shorten(version)}, but 1.0 is read here");
        if (root.Take("truncation") is not null)
            note?.Invoke($"'{path}': truncation is not done: texts are taken whole");
        root.Ignore("padding");

        var model = root.TakeObject("model") ?? throw root.Wrong("model", "is missing");
        var definition = WordPieceJson.Is(model) ? WordPieceJson.Read(root, model, path, note) : ReadBytePairs(root, model, path, note);
        ReadAdded(root, definition, path);
        root.End();
        return definition;
    }

    private static TokenizerDefinition ReadBytePairs(JsonKeys root, JsonKeys model, string path, Action<string>? note)
    {
        if (model.Type is { } type && type != "BPE")
        {
            throw model.Wrong(
                "type", $"is {MessageText.Shorten(type)}, but only byte-pair encoding (BPE) and WordPiece are read",
                ": use a tokenizer of these kinds");
        }

        var wordEnd = model.TakeText("end_of_word_suffix") ?? "";
        if (wordEnd is not ("" or Gpt1Tokenizer.WordEnd))
            throw model.Unsupported("end_of_word_suffix", wordEnd);
        var numbers = TokenNumbers.Read(model.Take("vocab") ?? throw model.Wrong("vocab", "is missing"), path);
        var merges = ReadMerges(model, numbers, path);
        var marksWordEnds = wordEnd.Length > 0;
        var wholePieces = ReadModel(model, marksWordEnds);
        var pieces = marksWordEnds ? CheckGpt1(root) : ReadByteLevel(root, path, note);
        CheckPostProcessor(root.TakeObject("post_processor"));

        return new()
        {
            Source = path,
            MergesEnd = $"'{path}'",
            Numbers = numbers,
            Merges = merges,
            MarksWordEnds = marksWordEnds,
            TakesWholePieces = wholePieces,
            AddsSpace = pieces.AddsSpace,
            CutsPieces = pieces.Cuts,
        };
    }

    private static MergeList ReadMerges(JsonKeys model, TokenNumbers numbers, string path)
    {
        if (!model.Has("merges"))
            throw model.Wrong("merges", "is missing");
        var merges = new MergeList(numbers, numbers.Count);
        var index = 0;
        foreach (var entry in model.TakeArray("merges"))
        {
            var place = $"'{path}', model.merges[{index++}]";
            if (Pair(entry) is not var (left, right))
                throw MergeList.NoPair(entry.GetRawText(), place);
            merges.Add(left, right, place);
        }

        return merges;
    }

    /// <summary>A merge: <c>"a b"</c> in files of old, <c>["a", "b"]</c> since then.</summary>
    private static (string Left, string Right)? Pair(JsonElement entry) => entry.ValueKind switch
    {
        JsonValueKind.String when entry.GetString()!.Split(' ') is [var left, var right] => (left, right),
        JsonValueKind.Array when entry.GetArrayLength() == 2 && entry[0].ValueKind == JsonValueKind.String
            && entry[1].ValueKind == JsonValueKind.String =>
            (entry[0].GetString()!, entry[1].GetString()!),
        _ => null,
    };

    /// <returns>Whether a piece that is a token is taken whole.</returns>
    private static bool ReadModel(JsonKeys model, bool marksWordEnds)
    {
        if (model.Take("dropout") is { } dropout && !(dropout.ValueKind == JsonValueKind.Number && dropout.TryGetDouble(out var share) && share == 0))
            throw model.Unsupported("dropout", dropout.GetRawText());
        if (model.TakeText("continuing_subword_prefix") is { Length: > 0 } prefix)
            throw model.Unsupported("continuing_subword_prefix", prefix);
        var unknown = model.TakeText("unk_token");
        var wholePieces = model.TakeFlag("ignore_merges") ?? false;
        if (marksWordEnds)
        {
            if (unknown != Gpt1Tokenizer.Unknown)
                throw model.Unsupported("unk_token", unknown ?? "null");
            foreach (var key in (ReadOnlySpan<string>)["fuse_unk", "byte_fallback"])
            {
                if (model.TakeFlag(key) == true)
                    throw model.Unsupported(key, "true");
            }

            if (wholePieces)
                throw model.Unsupported("ignore_merges", "true");
        }

        // Every byte has a token, which is required later: none is ever unknown.
        model.Ignore("fuse_unk", "byte_fallback");
        model.End();
        return wholePieces;
    }

    private static (bool AddsSpace, bool Cuts) ReadByteLevel(JsonKeys root, string path, Action<string>? note)
    {
        foreach (var step in Steps(root.TakeObject("normalizer"), "normalizers"))
            throw step.Unsupported("type", TypeOf(step));

        (bool AddsSpace, bool Cuts)? pieces = null;
        foreach (var step in Steps(root.TakeObject("pre_tokenizer"), "pretokenizers"))
        {
            if (TypeOf(step) is var type && type != "ByteLevel")
                throw step.Unsupported("type", type);
            if (pieces is not null)
                throw step.Unsupported("type", "a second ByteLevel");
            pieces = (step.TakeFlag("add_prefix_space") ?? throw step.Wrong("add_prefix_space", "is missing"), step.TakeFlag("use_regex") ?? true);
            step.Ignore("trim_offsets");
            step.End();
        }

        var decodes = false;
        foreach (var step in Steps(root.TakeObject("decoder"), "decoders"))
        {
            if (TypeOf(step) is var type && (type != "ByteLevel" || decodes))
                throw step.Unsupported("type", type);
            decodes = true;
            step.Ignore("add_prefix_space", "trim_offsets", "use_regex");
            step.End();
        }

        if (!decodes)
            note?.Invoke($"'{path}' has no decoder: the tokens' bytes are joined, as ByteLevel does it");
        return pieces ?? throw root.Wrong(
            "pre_tokenizer", "is not ByteLevel, so its tokens are no bytes as GPT-2's are", ": use a byte-level BPE tokenizer");
    }

    /// <summary>GPT-1's rules are a whole: nothing of them can be turned off here.</summary>
    private static (bool AddsSpace, bool Cuts) CheckGpt1(JsonKeys root)
    {
        var normalizer = root.TakeObject("normalizer") ?? throw root.Unsupported("normalizer", "null");
        Require(normalizer, "BertNormalizer");
        foreach (var key in (ReadOnlySpan<string>)["clean_text", "handle_chinese_chars", "lowercase", "strip_accents"])
        {
            if (normalizer.TakeFlag(key) == false)
                throw normalizer.Unsupported(key, "false");
        }

        normalizer.End();
        var words = root.TakeObject("pre_tokenizer") ?? throw root.Unsupported("pre_tokenizer", "null");
        Require(words, "BertPreTokenizer");
        words.End();
        if (root.TakeObject("decoder") is { } decoder)
        {
            Require(decoder, "BPEDecoder");
            if (decoder.TakeText("suffix") is { } suffix && suffix != Gpt1Tokenizer.WordEnd)
                throw decoder.Unsupported("suffix", suffix);
            decoder.End();
        }

        return (false, true);

        static void Require(JsonKeys step, string type)
        {
            if (TypeOf(step) is var found && found != type)
                throw step.Unsupported("type", found);
        }
    }

    private static void CheckPostProcessor(JsonKeys? processor)
    {
        foreach (var step in Steps(processor, "processors"))
        {
            // ByteLevel only says where in the text a token stands; the others add tokens.
            if (TypeOf(step) is var type && type != "ByteLevel")
                throw step.Unsupported("type", type);
            step.Ignore("add_prefix_space", "trim_offsets", "use_regex");
            step.End();
        }
    }

    /// <summary>The steps of a part: those of a sequence, the part itself, or none.</summary>
    private static IEnumerable<JsonKeys> Steps(JsonKeys? part, string list)
    {
        if (part is null)
            return [];
        if (TypeOf(part) != "Sequence")
            return [part];
        List<JsonKeys> steps = [.. part.TakeObjects(list)];
        part.End();
        return steps;
    }

    private static string TypeOf(JsonKeys step) => step.Type ?? throw step.Wrong("type", "is missing");

    private static void ReadAdded(JsonKeys root, TokenizerDefinition definition, string path)
    {
        var model = definition.Numbers.Count;
        foreach (var entry in root.TakeObjects("added_tokens"))
        {
            var token = AddedTokenReader.Read(entry, entry.TakeNumber("id") ?? throw entry.Wrong("id", "is missing"));
            // The library does not obey the number: a name of the vocabulary keeps its own, another gets the next free one.
            var number = definition.Numbers.Find(token.Content, definition.Numbers.Count);
            if (token.Number != number)
            {
                throw entry.Wrong(
                    "id", $"is {token.Number} for '{MessageText.Shorten(token.Content)}', but tokenizers number it {number}",
                    $": number added tokens from {model} without gaps");
            }

            definition.Add(token, path);
        }
    }
}
