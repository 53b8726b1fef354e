using System.Text.Json;
using GptGen.Checkpoints;

namespace GptGen.Text;

/// <summary>
/// A byte-pair vocabulary as two files: a JSON object from token names to numbers, and a list of merges, one pair of names a line, first learned
/// first. Names are GPT-2's (<see cref="VisibleBytes"/>) or GPT-1's (<see cref="Gpt1Tokenizer"/>).
/// </summary>
internal sealed class VocabularyFiles
{
    internal const string VocabularyName = "vocab.json";
    internal const string MergesName = "merges.txt";
    internal const string MergesHeader = "#version";

    private static readonly (string Vocabulary, string Merges)[] s_names =
        [(VocabularyName, MergesName), ("encoder.json", "vocab.bpe"), ("encoder_bpe_40000.json", "vocab_40000.bpe")];

    private VocabularyFiles(string vocabularyPath, string mergesPath)
    {
        VocabularyPath = vocabularyPath;
        Numbers = ReadNumbers(vocabularyPath);
        Names = new string[Numbers.Count];
        foreach (var (name, token) in Numbers)
        {
            if ((uint)token >= (uint)Names.Length || Names[token] is not null)
            {
                throw new GptGenException(
                    $"{vocabularyPath}: token '{name}' has the number {token}, but its {Names.Length} tokens must be numbered from 0 without gaps or repetition.");
            }

            Names[token] = name;
        }

        Merges = ReadMerges(mergesPath, Numbers);
    }

    /// <summary>The file of the tokens.</summary>
    public string VocabularyPath { get; }

    /// <summary>The token of each name.</summary>
    public Dictionary<string, int> Numbers { get; }

    /// <summary>The name of each token.</summary>
    public string[] Names { get; }

    /// <summary>The merges.</summary>
    public MergeTable Merges { get; }

    /// <summary>Whether tokens say where a word ends, as GPT-1's do. In GPT-2's pieces a letter never stands beside symbols, so no token looks like that.</summary>
    public bool MarksWordEnds => Names.Any(static name => name.EndsWith(Gpt1Tokenizer.WordEnd, StringComparison.Ordinal));

    /// <summary>Reads a folder's files.</summary>
    /// <exception cref="GptGenException">A file is missing or damaged.</exception>
    public static VocabularyFiles Read(string folder) => Find(folder) is { } files
        ? new(files.Vocabulary, files.Merges)
        : throw new GptGenException($"The folder '{folder}' does not hold {VocabularyName} and {MergesName}: download both of the model's tokenizer files.");

    /// <summary>Whether a folder holds both files.</summary>
    public static bool AreIn(string folder) => Find(folder) is not null;

    /// <summary>Whether a file's name is one of the two.</summary>
    public static bool IsPart(string path) => s_names.Any(names => Path.GetFileName(path) == names.Vocabulary || Path.GetFileName(path) == names.Merges);

    /// <summary>Copies a folder's files under their usual names.</summary>
    /// <exception cref="GptGenException">The target holds another vocabulary, or a file cannot be read or written.</exception>
    public static void Copy(string folder, string target)
    {
        if (Path.GetFullPath(folder) == Path.GetFullPath(target) || Find(folder) is not { } files)
            return;
        byte[] vocabulary = ReadAll(files.Vocabulary), merges = ReadAll(files.Merges);
        var (vocabularyPath, mergesPath) = (Path.Combine(target, VocabularyName), Path.Combine(target, MergesName));
        RequireSame(vocabularyPath, vocabulary);
        RequireSame(mergesPath, merges);
        // The vocabulary last: without it the merges alone are no tokenizer.
        AtomicFile.Write(mergesPath, stream => stream.Write(merges));
        AtomicFile.Write(vocabularyPath, stream => stream.Write(vocabulary));
    }

    private static void RequireSame(string path, byte[] content)
    {
        if (File.Exists(path) && !ReadAll(path).AsSpan().SequenceEqual(content))
            throw new GptGenException($"'{path}' is there already and belongs to another vocabulary: name another folder with --out, or remove the file.");
    }

    private static byte[] ReadAll(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new GptGenException($"{path} cannot be read ({OneLine(error)}): check the file and its permissions.", error);
        }
    }

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

    private static MergeTable ReadMerges(string path, Dictionary<string, int> numbers)
    {
        var merges = new MergeTable(numbers.Count);
        try
        {
            var (line, rank) = (0, 0);
            foreach (var text in File.ReadLines(path))
            {
                line++;
                if (text.Length == 0 || line == 1 && text.StartsWith(MergesHeader, StringComparison.Ordinal))
                    continue;

                if (text.Split(' ') is not [var left, var right]
                    || !numbers.TryGetValue(left, out var leftToken)
                    || !numbers.TryGetValue(right, out var rightToken)
                    || !numbers.TryGetValue(left + right, out var merged))
                {
                    throw new GptGenException($"{path}, line {line}: '{text}' is not a pair of tokens whose union is one: the file does not belong to its vocabulary.");
                }

                merges.TryAdd(leftToken, rightToken, new(rank++, merged));
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new GptGenException($"{path} cannot be read ({OneLine(error)}): check the file and its permissions.", error);
        }

        return merges;
    }

    private static string OneLine(Exception error) => error.Message.ReplaceLineEndings(" ").TrimEnd('.', ' ');
}
