namespace GptGen.Pretraining;

/// <summary>
/// Chooses the tokens that are predicted (Devlin et al. 2018, section 3.1, task 1): of each sequence a share at random, of which four fifths are
/// replaced by the mask, a tenth by any token, and a tenth stay. Special tokens are neither predicted nor put in place of others.
/// </summary>
/// <param name="vocabulary">The vocabulary.</param>
/// <param name="options">What is asked for.</param>
/// <param name="length">The longest sequence, T.</param>
internal sealed class TokenMasking(MaskingVocabulary vocabulary, PretrainingOptions options, int length)
{
    private const double Masked = 0.8;
    private const double KeptOfOthers = 0.5;

    private readonly int[] _words = new int[length];
    private readonly int[] _wordLengths = new int[length];
    private readonly bool[] _chosen = new bool[length];
    private readonly int _most = options.PredictionsOf(length);

    /// <summary>Masks a sequence. Allocates nothing.</summary>
    /// <param name="tokens">The sequence with its marks, without padding.</param>
    /// <param name="words">What decides.</param>
    /// <param name="positions">Receives the places of predicted tokens in ascending order.</param>
    /// <param name="targets">Receives what stood there.</param>
    /// <returns>The number of predictions; 0 where there is nothing but special tokens.</returns>
    public int Mask(Span<int> tokens, ref RandomWords words, Span<int> positions, Span<int> targets)
    {
        Choose(tokens, FindWords(tokens), ref words);
        var count = 0;
        for (var position = 0; position < tokens.Length; position++)
        {
            if (!_chosen[position])
                continue;
            (positions[count], targets[count++]) = (position, tokens[position]);
            if (words.Happens(Masked))
                tokens[position] = vocabulary.Special.Mask;
            else if (!words.Happens(KeptOfOthers))
                tokens[position] = vocabulary.Ordinary(ref words);
        }

        return count;
    }

    /// <summary>
    /// Chooses words in random order as long as they fit. Their number follows from the length with marks, as in create_pretraining_data.py.
    /// </summary>
    private void Choose(ReadOnlySpan<int> tokens, int count, ref RandomWords words)
    {
        _chosen.AsSpan(0, tokens.Length).Clear();
        var left = Math.Min(_most, Math.Max(1, (int)Math.Round(tokens.Length * options.MaskingRate)));
        for (var index = 0; index < count && left > 0; index++)
        {
            var other = index + words.Below(count - index);
            var word = _words[other];
            _words[other] = _words[index];
            if (_wordLengths[word] > left)
                continue;
            _chosen.AsSpan(word, _wordLengths[word]).Fill(true);
            left -= _wordLengths[word];
        }
    }

    /// <summary>Finds what is chosen together: each token, or each word's tokens.</summary>
    private int FindWords(ReadOnlySpan<int> tokens)
    {
        var count = 0;
        for (var position = 0; position < tokens.Length; position++)
        {
            if (vocabulary.Special.Contains(tokens[position]))
                continue;
            var continues = options.WholeWords && count > 0 && vocabulary.Continues(tokens[position])
                && _words[count - 1] + _wordLengths[_words[count - 1]] == position;
            if (continues)
                _wordLengths[_words[count - 1]]++;
            else
                (_words[count++], _wordLengths[position]) = (position, 1);
        }

        return count;
    }
}
