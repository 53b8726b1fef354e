using GptGen.Checkpoints;

namespace GptGen.Text;

/// <summary>
/// A byte-pair vocabulary as two files: a JSON object from token names to numbers, and a list of merges, one pair of names a line, first learned
/// first. Names are GPT-2's (<see cref="VisibleBytes"/>) or GPT-1's (<see cref="Gpt1Tokenizer"/>).
/// </summary>
internal static class VocabularyFiles
{
    internal const string MergesHeader = "#version";

    /// <summary>Reads the two files.</summary>
    /// <exception cref="GptGenException">A file is missing or damaged, or they do not belong together.</exception>
    public static TokenizerDefinition Read(string vocabularyPath, string mergesPath)
    {
        var numbers = ReadNumbers(vocabularyPath);
        var merges = ReadMerges(mergesPath, numbers, out var lines);
        return new()
        {
            Source = vocabularyPath,
            MergesEnd = $"'{mergesPath}' ends with line {lines} and",
            Numbers = numbers,
            Merges = merges,
            MarksWordEnds = TokenizerDefinition.HasWordEnds(numbers),
        };
    }

    /// <summary>The tokens of a vocabulary's file.</summary>
    /// <exception cref="GptGenException">It cannot be read, or is damaged.</exception>
    public static TokenNumbers ReadNumbers(string path)
    {
        using var document = JsonFile.Parse(TokenizerFileNames.ReadAll(path), path);
        return TokenNumbers.Read(document.RootElement, path);
    }

    private static MergeList ReadMerges(string path, TokenNumbers numbers, out int line)
    {
        var merges = new MergeList(numbers, numbers.Count);
        line = 0;
        var bytes = TokenizerFileNames.ReadAll(path);
        ForeignFile.RefuseLeftOver(bytes, path);
        using var reader = new StreamReader(new MemoryStream(bytes));
        while (reader.ReadLine() is { } text)
        {
            line++;
            // No token's name holds a space or a tabulator, so that those at the end can only be left-overs.
            text = text.TrimEnd(' ', '\t');
            if (text.Length == 0 || text.StartsWith(MergesHeader, StringComparison.Ordinal))
                continue;
            var place = $"'{path}', line {line}";
            var pair = text.Split(' ') is [var left, var right] ? (left, right) : default((string Left, string Right)?);
            // A first line that is no merge may say what the file is.
            if (line == 1 && text[0] == '#' && !(pair is { } first && numbers.TryGet(first.Left + first.Right, out _)))
                continue;
            if (pair is not var (one, other))
                throw MergeList.NoPair(text, place);
            merges.Add(one, other, place);
        }

        return merges;
    }
}
