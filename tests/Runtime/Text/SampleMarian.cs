using System.Text;
using System.Text.Json;

namespace GptGen.Runtime.Tests.Text;

/// <summary>
/// A folder as Marian's published models have it, with what Google's library (sentencepiece 0.1.97) makes of texts: models of 300 pieces from some
/// of the SDK's messages in English and German (<c>spm_train --vocab_size=300 --character_coverage=0.999</c> with a table of a hundred characters
/// that change). In <c>expected.json</c> stand the pieces of each text by either model, a language's code before them as Hugging Face's library cuts
/// it off, and the text that this library makes of the target's tokens. <c>vocab.json</c> lacks three of the pieces.
/// </summary>
internal static class SampleMarian
{
    public const string Source = "source.spm";
    public const string Target = "target.spm";

    public static string Folder { get; } = Path.Combine(AppContext.BaseDirectory, "Golden", "marian-tokenizer");

    /// <summary>A text, its pieces as either language, and what the second ones say.</summary>
    public sealed record Expectation(string Text, string[] Source, string[] Target, string Decoded);

    public static Expectation[] Expected() =>
    [
        .. JsonSerializer.Deserialize<JsonElement[]>(File.ReadAllBytes(Path.Combine(Folder, "expected.json")))!.Select(static line => new Expectation(
            line.GetProperty("text").GetString()!, Strings(line, "source"), Strings(line, "target"), line.GetProperty("decoded").GetString()!)),
    ];

    public static Dictionary<string, int> Vocabulary() =>
        JsonSerializer.Deserialize<Dictionary<string, int>>(File.ReadAllBytes(Path.Combine(Folder, "vocab.json")))!;

    /// <summary>Copies the tokenizer's files.</summary>
    public static void Copy(TemporaryFolder folder)
    {
        foreach (var name in (string[])[Source, Target, "vocab.json", "tokenizer_config.json"])
            folder.Write(name, File.ReadAllBytes(Path.Combine(Folder, name)));
    }

    /// <summary>A model's file of a few pieces: text, score and kind of each, then the fields of its training and of its normalisation.</summary>
    public static byte[] Model((string Text, float Score, int Kind)[] pieces, (int Field, int Value)[] training, (int Field, int Value)[] characters)
    {
        List<byte> file = [];
        foreach (var (text, score, kind) in pieces)
        {
            byte[] name = Encoding.UTF8.GetBytes(text);
            Append(file, 1, [0x0a, (byte)name.Length, .. name, 0x15, .. BitConverter.GetBytes(score), 0x18, (byte)kind]);
        }

        Append(file, 2, [.. training.SelectMany(static field => Field(field.Field, field.Value))]);
        Append(file, 3, [.. characters.SelectMany(static field => Field(field.Field, field.Value))]);
        return [.. file];

        static void Append(List<byte> file, int field, byte[] message) => file.AddRange([(byte)(field << 3 | 2), (byte)message.Length, .. message]);

        // Fields from 16 on take two bytes.
        static byte[] Field(int field, int value) => field < 16 ? [(byte)(field << 3), (byte)value]
            : [(byte)(field << 3 & 0x7f | 0x80), (byte)(field >> 4), (byte)value];
    }

    private static string[] Strings(JsonElement line, string name) =>
        [.. line.GetProperty(name).EnumerateArray().Select(static piece => piece.GetString()!)];
}
