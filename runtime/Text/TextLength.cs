using System.Text.Json;
using GptGen.Checkpoints;

namespace GptGen.Text;

/// <summary>
/// <c>model_max_length</c> of <c>tokenizer_config.json</c>: the most tokens of a text, at which Hugging Face's libraries warn or cut where they are
/// asked to. It is the model's and changes no token.
/// </summary>
internal static class TextLength
{
    private const string Key = "model_max_length";

    /// <summary>The file with a length of at most <paramref name="longest"/>; as it is where it says so already.</summary>
    /// <param name="config">The file, an object of JSON.</param>
    /// <param name="longest">The most tokens that the model reads.</param>
    public static byte[] Limit(byte[] config, int longest)
    {
        using var document = JsonFile.Parse(config, TokenizerFileNames.Config);
        return document.RootElement.TryGetProperty(Key, out var value) && value.ValueKind == JsonValueKind.Number && value.GetDouble() <= longest
            ? config
            : JsonBytes.Indented(json =>
            {
                json.WriteNumber(Key, longest);
                foreach (var entry in Others(document))
                    entry.WriteTo(json);
            });
    }

    /// <summary>Whether two files say the same but for the length.</summary>
    public static bool IsAllThatDiffers(byte[] one, byte[] other)
    {
        try
        {
            using var first = JsonFile.Parse(one, TokenizerFileNames.Config);
            using var second = JsonFile.Parse(other, TokenizerFileNames.Config);
            return Others(first).Select(Said).SequenceEqual(Others(second).Select(Said));
        }
        catch (GptGenException)
        {
            // What no longer is JSON is another file.
            return false;
        }

        static (string Name, string Value) Said(JsonProperty entry) => (entry.Name, entry.Value.GetRawText());
    }

    private static IEnumerable<JsonProperty> Others(JsonDocument config) =>
        config.RootElement.EnumerateObject().Where(static entry => entry.Name != Key);
}
