using System.Text;
using System.Text.Json;

namespace GptGen.Text;

/// <summary>
/// Reads a byte-level vocabulary from two files: a JSON object from token names to numbers, and a list of merges, one pair of names a line, first
/// learned first. In names each byte is a visible character: printable bytes stand for themselves, the others
/// for the characters from U+0100 on, in order.
/// </summary>
internal static class VocabularyFiles
{
    private static readonly (string Vocabulary, string Merges)[] s_names = [("vocab.json", "merges.txt"), ("encoder.json", "vocab.bpe")];

    private static readonly Dictionary<char, byte> s_byteOfCharacter = CharactersOfBytes();

    public static BytePairVocabulary Load(string folder)
    {
        return Find(folder) is { } files
            ? Load(files.Vocabulary, files.Merges)
            : throw new GptGenException($"The folder '{folder}' does not hold vocab.json and merges.txt: download both of the model's tokenizer files.");
    }

    /// <summary>Whether a folder holds both files.</summary>
    public static bool AreIn(string folder) => Find(folder) is not null;

    /// <summary>Whether a file's name is one of the two.</summary>
    public static bool IsPart(string path) => s_names.Any(names => Path.GetFileName(path) == names.Vocabulary || Path.GetFileName(path) == names.Merges);

    private static (string Vocabulary, string Merges)? Find(string folder)
    {
        foreach (var (vocabulary, merges) in s_names)
        {
            var (vocabularyPath, mergesPath) = (Path.Combine(folder, vocabulary), Path.Combine(folder, merges));
            if (File.Exists(vocabularyPath) && File.Exists(mergesPath))
                return (vocabularyPath, mergesPath);
        }

        return null;
    }

    private static BytePairVocabulary Load(string vocabularyPath, string mergesPath)
    {
        var numbers = ReadNumbers(vocabularyPath);
        var tokens = new byte[numbers.Count][];
        foreach (var (name, token) in numbers)
        {
            if ((uint)token >= (uint)tokens.Length || tokens[token] is not null)
            {
                throw new GptGenException(
                    $"{vocabularyPath}: token '{name}' has the number {token}, but its {tokens.Length} tokens must be numbered from 0 without gaps or repetition.");
            }

            tokens[token] = BytesOf(name);
        }

        int? endOfText = numbers.TryGetValue(BytePairTokenizer.EndOfTextName, out var special) ? special : null;
        return new BytePairVocabulary(tokens, ReadMerges(mergesPath, numbers), endOfText, vocabularyPath);
    }

    private static Dictionary<string, int> ReadNumbers(string path)
    {
        var numbers = new Dictionary<string, int>(StringComparer.Ordinal);
        try
        {
            using var stream = File.OpenRead(path);
            using var document = JsonDocument.Parse(stream);
            foreach (var entry in document.RootElement.EnumerateObject())
                numbers[entry.Name] = entry.Value.GetInt32();
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or FormatException or IOException or UnauthorizedAccessException)
        {
            throw new GptGenException(
                $"{path} cannot be read as a JSON object from token names to numbers ({OneLine(error)}): download the file again.", error);
        }

        return numbers;
    }

    private static Dictionary<ulong, BytePairVocabulary.Merge> ReadMerges(string path, Dictionary<string, int> numbers)
    {
        var merges = new Dictionary<ulong, BytePairVocabulary.Merge>(numbers.Count);
        try
        {
            var (line, rank) = (0, 0);
            foreach (var text in File.ReadLines(path))
            {
                line++;
                if (text.Length == 0 || line == 1 && text.StartsWith("#version", StringComparison.Ordinal))
                    continue;

                if (text.Split(' ') is not [var left, var right]
                    || !numbers.TryGetValue(left, out var leftToken)
                    || !numbers.TryGetValue(right, out var rightToken)
                    || !numbers.TryGetValue(left + right, out var merged))
                {
                    throw new GptGenException($"{path}, line {line}: '{text}' is not a pair of tokens whose union is one: the file does not belong to its vocabulary.");
                }

                merges.TryAdd(BytePairVocabulary.Pair(leftToken, rightToken), new(rank++, merged));
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new GptGenException($"{path} cannot be read ({OneLine(error)}): check the file and its permissions.", error);
        }

        return merges;
    }

    /// <summary>The bytes of a name; a special token's name may hold characters that stand for no byte, and is then plain UTF-8.</summary>
    private static byte[] BytesOf(string name)
    {
        var bytes = new byte[name.Length];
        for (var i = 0; i < name.Length; i++)
        {
            if (!s_byteOfCharacter.TryGetValue(name[i], out bytes[i]))
                return Encoding.UTF8.GetBytes(name);
        }

        return bytes;
    }

    private static Dictionary<char, byte> CharactersOfBytes()
    {
        var characters = new Dictionary<char, byte>(256);
        var next = '\u0100';
        for (var value = 0; value < 256; value++)
        {
            var printable = value is (>= '!' and <= '~') or (>= '\u00A1' and <= '\u00AC') or (>= '\u00AE' and <= '\u00FF');
            characters.Add(printable ? (char)value : next++, (byte)value);
        }

        return characters;
    }

    private static string OneLine(Exception error) => error.Message.ReplaceLineEndings(" ").TrimEnd('.', ' ');
}
