namespace GptGen.Generation;

/// <summary>What a search found for some sources, as the numbers that processes tell each other.</summary>
internal static class BeamNumbers
{
    /// <summary>Numbers of a text beside its tokens.</summary>
    private const int Beside = 4;

    /// <summary>The most numbers of some sources with some texts each, of some tokens at most.</summary>
    internal static int Width(int sources, int texts, int tokens) => checked(sources * (1 + (texts * (Beside + tokens))));

    /// <summary>Writes the texts of each source.</summary>
    internal static void Write(BeamHypothesis[][] found, Span<double> numbers)
    {
        var at = 0;
        foreach (var texts in found)
        {
            numbers[at++] = texts.Length;
            foreach (var text in texts)
            {
                ((ReadOnlySpan<double>)[text.LogProbability, text.Score, text.IsEnded ? 1 : 0, text.Tokens.Length]).CopyTo(numbers[at..]);
                at += Beside;
                foreach (var token in text.Tokens)
                    numbers[at++] = token;
            }
        }
    }

    /// <summary>Reads what was written of some sources.</summary>
    internal static BeamHypothesis[][] Read(ReadOnlySpan<double> numbers, int sources)
    {
        var found = new BeamHypothesis[sources][];
        var at = 0;
        for (var source = 0; source < sources; source++)
        {
            found[source] = new BeamHypothesis[(int)numbers[at++]];
            for (var text = 0; text < found[source].Length; text++)
            {
                var (probability, score, isEnded) = (numbers[at], numbers[at + 1], numbers[at + 2] != 0);
                var tokens = new int[(int)numbers[at + 3]];
                at += Beside;
                for (var token = 0; token < tokens.Length; token++)
                    tokens[token] = (int)numbers[at++];
                found[source][text] = new(tokens, probability, score, isEnded);
            }
        }

        return found;
    }
}
