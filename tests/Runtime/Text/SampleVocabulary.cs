using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using GptGen.Text;

namespace GptGen.Runtime.Tests.Text;

/// <summary>A vocabulary of 270 tokens as the files of Hugging Face's folders: <c>&lt;|endoftext|&gt;</c>, the bytes, and a few merges.</summary>
internal static class SampleVocabulary
{
    public const string End = "<|endoftext|>";

    private static readonly JsonSerializerOptions s_options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string[] Merges { get; } =
        ["h e", "l l", "he ll", "hell o", "Ġ w", "o r", "Ġw or", "Ġ hello", "Ġ Ġ", "l d", "Ġwor ld", "Ċ Ċ", "' s"];

    /// <summary>The bytes' names in the order of their numbers, which begin with 1.</summary>
    public static IEnumerable<string> Bytes => VisibleBytes.InOrder.ToArray().Select(static value => VisibleBytes.Name([value]));

    public static Dictionary<string, int> Numbers() =>
        new string[] { End }.Concat(Bytes).Concat(Merges.Select(static merge => merge.Replace(" ", "")))
        .Select(static (name, number) => KeyValuePair.Create(name, number)).ToDictionary(StringComparer.Ordinal);

    public static string Json(object value) => JsonSerializer.Serialize(value, s_options);

    /// <summary>Writes the vocabulary as two files.</summary>
    public static void WritePair(TemporaryFolder folder, Action<Dictionary<string, int>>? change = null, string? merges = null)
    {
        var numbers = Numbers();
        change?.Invoke(numbers);
        folder.Write("vocab.json", Json(numbers));
        folder.Write("merges.txt", merges ?? "#version: 0.2\n" + string.Join('\n', Merges) + "\n");
    }

    /// <summary>Writes the vocabulary as <c>tokenizer.json</c>.</summary>
    public static void WriteJson(TemporaryFolder folder, Action<JsonObject>? change = null)
    {
        var root = Root();
        change?.Invoke(root);
        folder.Write("tokenizer.json", Text(root));
    }

    public static string Text(JsonObject root) => root.ToJsonString(s_options);

    /// <summary>The content of <c>tokenizer.json</c>, as the library writes it for GPT-2.</summary>
    public static JsonObject Root() => JsonNode.Parse($$"""
        {
          "version": "1.0", "truncation": null, "padding": null,
          "added_tokens": [{"id": 0, "content": "{{End}}", "single_word": false, "lstrip": false, "rstrip": false, "normalized": false, "special": true}],
          "normalizer": null,
          "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true},
          "post_processor": {"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": false, "use_regex": true},
          "decoder": {"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true, "use_regex": true},
          "model": {
            "type": "BPE", "dropout": null, "unk_token": null, "continuing_subword_prefix": "", "end_of_word_suffix": "", "fuse_unk": false,
            "byte_fallback": false, "ignore_merges": false, "vocab": {{Json(Numbers())}}, "merges": {{Json(Merges)}}
          }
        }
        """)!.AsObject();

    /// <summary>An entry of <c>added_tokens</c>.</summary>
    public static JsonNode Added(int number, string content, bool special = true, bool before = false, bool after = false) => new JsonObject
    {
        ["id"] = number, ["content"] = content, ["single_word"] = false, ["lstrip"] = before, ["rstrip"] = after, ["normalized"] = !special, [
            "special"] = special,
    };
}
