using System.Text;

namespace GptGen.Pretraining;

/// <summary>Cuts a line into sentences.</summary>
internal static class SentenceCutter
{
    /// <summary>The sentences of a line in UTF-8; what is left out between them is white space.</summary>
    public static IEnumerable<byte[]> Cut(string line)
    {
        var start = 0;
        for (var at = 1; at < line.Length; at++)
        {
            if (!EndsSentence(line, at))
                continue;
            yield return Encoding.UTF8.GetBytes(line[start..at]);
            start = at;
        }

        yield return Encoding.UTF8.GetBytes(line[start..]);
    }

    /// <summary>
    /// Whether a sentence ends before a place: at a full stop, perhaps a closing mark, a space and a capital letter, since "e.g." and the like are
    /// followed by small letters almost always; and behind the marks of Chinese and Japanese, which no space follows.
    /// </summary>
    private static bool EndsSentence(string line, int at)
    {
        if (line[at - 1] is '。' or '！' or '？')
            return line[at] is not ('。' or '！' or '？' or '」' or '』' or '”');
        if (line[at - 1] != ' ' || !char.IsUpper(line[at]))
            return false;
        var last = at - 2;
        while (last > 0 && line[last] is ' ' or '"' or '\'' or ')' or ']' or '”' or '’')
            last--;
        return last > 0 && line[last] is '.' or '!' or '?';
    }
}
