using System.Text.Json;

namespace GptGen.Text;

/// <summary>
/// The parts of <c>tokenizer.json</c> that belong to WordPiece. Every key is obeyed, known to change no token, or refused by its name.
/// </summary>
internal static class WordPieceJson
{
    private const int LongestWord = 100;

    /// <summary>Whether a model is WordPiece; files of old do not say it.</summary>
    public static bool Is(JsonKeys model) => model.Type == "WordPiece" || model.Type is null && model.Has("max_input_chars_per_word");

    /// <summary>Reads the parts but the added tokens, which are as elsewhere.</summary>
    /// <param name="root">The file's object.</param>
    /// <param name="model">Its key <c>model</c>.</param>
    /// <param name="path">The file's path.</param>
    /// <param name="note">Takes what a user should know.</param>
    /// <exception cref="GptGenException">A key describes what is not done here.</exception>
    public static TokenizerDefinition Read(JsonKeys root, JsonKeys model, string path, Action<string>? note)
    {
        var pieces = new WordPieceDefinition { SaysCase = true, Words = ReadWords(root) };
        var numbers = TokenNumbers.Read(model.Take("vocab") ?? throw model.Wrong("vocab", "is missing"), path);
        if (numbers.Count == 0)
            throw model.Wrong("vocab", "holds no token");
        if (model.TakeText("unk_token") is { } unknown)
            pieces.Name(SpecialRole.Unknown, unknown);
        if (model.TakeText("continuing_subword_prefix") is { } prefix && prefix != WordPieceTokenizer.Continuation)
            throw model.Unsupported("continuing_subword_prefix", prefix);
        if (model.TakeNumber("max_input_chars_per_word") is { } longest && longest != LongestWord)
            throw model.Unsupported("max_input_chars_per_word", longest.ToString(System.Globalization.CultureInfo.InvariantCulture));
        model.End();
        ReadDecoder(root, pieces, path, note);
        ReadTemplate(root, pieces, numbers);
        return new() { Source = path, Numbers = numbers, WordPieces = pieces };
    }

    private static WordRules ReadWords(JsonKeys root)
    {
        if (root.TakeObject("pre_tokenizer") is not { } words)
            throw root.Unsupported("pre_tokenizer", "null");
        Require(words, "BertPreTokenizer");
        words.End();
        if (root.TakeObject("normalizer") is not { } normalizer)
            throw root.Unsupported("normalizer", "null");
        Require(normalizer, "BertNormalizer");
        if (normalizer.TakeFlag("clean_text") == false)
            throw normalizer.Unsupported("clean_text", "false");
        var lowercase = normalizer.TakeFlag("lowercase") ?? true;
        var rules = new WordRules(lowercase, normalizer.TakeFlag("strip_accents") ?? lowercase, normalizer.TakeFlag("handle_chinese_chars") ?? true);
        normalizer.End();
        return rules;
    }

    private static void ReadDecoder(JsonKeys root, WordPieceDefinition pieces, string path, Action<string>? note)
    {
        if (root.TakeObject("decoder") is not { } decoder)
        {
            note?.Invoke($"'{path}' has no decoder: tokens are joined as WordPiece does it");
            return;
        }

        Require(decoder, "WordPiece");
        if (decoder.TakeText("prefix") is { } prefix && prefix != WordPieceTokenizer.Continuation)
            throw decoder.Unsupported("prefix", prefix);
        pieces.CleansPieces = decoder.TakeFlag("cleanup") ?? true;
        decoder.End();
    }

    /// <summary>Which marks stand around texts. Only BERT's form is read: a mark before, one behind each text, and the types 0 and 1.</summary>
    private static void ReadTemplate(JsonKeys root, WordPieceDefinition pieces, TokenNumbers numbers)
    {
        if (root.TakeObject("post_processor") is not { } processor)
            return;
        switch (processor.Type)
        {
            case "BertProcessing":
                Take(SpecialRole.Separator, "sep", Pair(processor, "sep"));
                Take(SpecialRole.Classify, "cls", Pair(processor, "cls"));
                break;
            case "TemplateProcessing":
                var (begin, end) = ReadParts(processor);
                var marks = processor.TakeObject("special_tokens") ?? throw processor.Wrong("special_tokens", "is missing");
                Take(SpecialRole.Classify, "special_tokens", (begin, Only(marks, begin)));
                Take(SpecialRole.Separator, "special_tokens", (end, Only(marks, end)));
                break;
            default:
                throw processor.Unsupported("type", processor.Type ?? "null");
        }

        processor.End();

        void Take(SpecialRole role, string key, (string Name, int Number) mark)
        {
            if (!numbers.TryGet(mark.Name, out var number) || number != mark.Number)
                throw processor.Wrong(key, $"gives '{MessageText.Shorten(mark.Name)}' the number {mark.Number}, which the vocabulary does not");
            pieces.Name(role, mark.Name);
        }
    }

    private static (string Name, int Number) Pair(JsonKeys processor, string key)
    {
        var entry = processor.TakeArray(key).ToList();
        return entry is [{ ValueKind: JsonValueKind.String } name, { ValueKind: JsonValueKind.Number } value] && value.TryGetInt32(out var number)
            ? (name.GetString()!, number)
            : throw processor.Wrong(key, "is no pair of a token's name and its number");
    }

    /// <summary>The one token that a mark of a template is.</summary>
    private static int Only(JsonKeys marks, string name)
    {
        var mark = marks.TakeObject(name) ?? throw marks.Wrong(name, "is missing");
        mark.Ignore("id", "tokens");
        var numbers = mark.TakeArray("ids").ToList();
        mark.End();
        return numbers is [{ ValueKind: JsonValueKind.Number } only] && only.TryGetInt32(out var number)
            ? number
            : throw mark.Unsupported("ids", $"{numbers.Count} numbers");
    }

    private static (string Begin, string End) ReadParts(JsonKeys processor)
    {
        List<string> single = [.. processor.TakeObjects("single").Select(Part)];
        List<string> pair = [.. processor.TakeObjects("pair").Select(Part)];
        if (single is [var begin, "$A 0", var end] && begin.EndsWith(" 0", StringComparison.Ordinal) && end.EndsWith(" 0", StringComparison.Ordinal)
            && pair.SequenceEqual([begin, "$A 0", end, "$B 1", end[..^1] + "1"]))
            return (begin[..^2], end[..^2]);
        throw processor.Unsupported("single", $"{string.Join(", ", single)}; {string.Join(", ", pair)}");
    }

    /// <summary>A part of a template as a text: "$A 0" for a text, "[CLS] 0" for a token, with its type.</summary>
    private static string Part(JsonKeys part)
    {
        var isText = part.IsObject("Sequence");
        var content = part.TakeObject(isText ? "Sequence" : "SpecialToken") ?? throw part.Wrong("SpecialToken", "is missing");
        part.End();
        var name = content.TakeText("id") ?? throw content.Wrong("id", "is missing");
        var type = content.TakeNumber("type_id") ?? throw content.Wrong("type_id", "is missing");
        content.End();
        return $"{(isText ? "$" : "")}{name} {type}";
    }

    private static void Require(JsonKeys step, string type)
    {
        if (step.Type is var found && found != type)
            throw step.Unsupported("type", found ?? "null");
    }
}
