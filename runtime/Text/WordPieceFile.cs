using System.Text;
using System.Text.Unicode;
using GptGen.Checkpoints;

namespace GptGen.Text;

/// <summary>Reads and writes <c>vocab.txt</c>: the token of each line has the line's number, counted from 0.</summary>
internal static class WordPieceFile
{
    /// <summary>Reads the file.</summary>
    /// <exception cref="GptGenException">It is missing, empty, no UTF-8, or has a token twice.</exception>
    public static TokenizerDefinition Read(string path) => new()
    {
        Source = path,
        Numbers = ReadNumbers(path),
        WordPieces = new(),
    };

    /// <summary>The tokens and their numbers.</summary>
    /// <param name="path">The file.</param>
    /// <param name="passedOver">A line that does not count; null for none.</param>
    /// <exception cref="GptGenException">As <see cref="Read"/>.</exception>
    public static TokenNumbers ReadNumbers(string path, string? passedOver = null)
    {
        var bytes = TokenizerFileNames.ReadAll(path);
        ForeignFile.RefuseLeftOver(bytes, path);
        ReadOnlySpan<byte> rest = bytes.AsSpan().StartsWith(Encoding.UTF8.Preamble) ? bytes.AsSpan(Encoding.UTF8.Preamble.Length) : bytes;
        var numbers = new TokenNumbers();
        // The numbers before which lines were passed over.
        var passed = new List<int>();
        for (var line = 0; !rest.IsEmpty; line++)
        {
            var end = rest.IndexOf((byte)'\n');
            var content = end < 0 ? rest : rest[..end];
            rest = end < 0 ? default : rest[(end + 1)..];
            if (content.EndsWith("\r"u8))
                content = content[..^1];
            if (!Utf8.IsValid(content))
                throw new GptGenException($"'{path}', line {line + 1}, is not UTF-8: convert the file to UTF-8, or download it again.");
            var name = Encoding.UTF8.GetString(content);
            var number = line - passed.Count;
            if (name == passedOver)
                passed.Add(number);
            // An empty line is a number that stands for nothing.
            if (name.Length == 0 || name == passedOver)
                continue;
            if (numbers.TryGet(name, out var first))
            {
                throw new GptGenException(
                    $"'{path}', line {line + 1}: the token '{MessageText.Shorten(name)}' is there already, in line "
                    + $"{first + passed.Count(at => at <= first) + 1}: "
                    + "rename one of them (as [unused…]), or download the file again.");
            }

            numbers.Add(name, number, path);
        }

        return numbers.Count > 0
            ? numbers
            : throw new GptGenException($"'{path}' holds no token: download it again, or learn one with WordPieceTrainer.Train.");
    }

    /// <summary>The file's content.</summary>
    /// <param name="names">The name of each number; an unused number is an empty line.</param>
    public static byte[] Write(IEnumerable<string?> names) => Encoding.UTF8.GetBytes(string.Concat(names.Select(static name => name + "\n")));
}
