using GptGen.Text;

namespace GptGen.Finetuning;

/// <summary>
/// Turns a question and its context into sequences <c>[CLS] question [SEP] part of the context [SEP]</c>. A context that is too long becomes several,
/// of which each shares its first words with the one before: up to 128 tokens or half of the room, and always a word where the two beside the border
/// fit into one sequence. So an answer of no more tokens than that, or of two such words, stands whole in one of them.
/// </summary>
internal sealed class SpanEncoder(WordPieceTokenizer tokenizer, int length)
{
    private const int Marks = 3;

    // As the paper's code: longer questions are cut, and of two windows 128 tokens are the same.
    private const int LongestQuestion = 64;
    private const int Shared = 128;

    internal IEnumerable<EncodedExample> Encode(TaskExample example)
    {
        var context = example.Texts[1];
        var question = tokenizer.Encode(example.Texts[0]);
        question = question[..Math.Min(question.Length, Math.Min(LongestQuestion, (length - Marks) / 2))];
        var room = length - Marks - question.Length;
        var words = ContextWords.Of(context).Select(word => new ContextWord(word.Start, word.End, Pieces(context[word.Start..word.End], room)))
            .Where(static word => word.Tokens.Length > 0).ToList();
        if (words.Count == 0)
            throw new GptGenException($"{example.Source}: the context has no words: give one in which the answer may stand.");
        for (var (first, end) = (0, 0); end < words.Count;)
        {
            (first, end) = Next(words, first, end, room);
            yield return Window(example, question, words[first..end]);
        }
    }

    /// <summary>The words of the window behind another.</summary>
    private static (int First, int End) Next(List<ContextWord> words, int first, int end, int room)
    {
        // What is shared leaves room for the first new word, so that each window goes further than the last.
        var least = end > first ? words[end - 1].Tokens.Length : 0;
        var most = Math.Min(Math.Max(Math.Min(Shared, room / 2), least), room - words[end].Tokens.Length);
        var (begin, used) = (end, 0);
        while (begin > first && used + words[begin - 1].Tokens.Length <= most)
            used += words[--begin].Tokens.Length;
        var next = end;
        while (next < words.Count && used + words[next].Tokens.Length <= room)
            used += words[next++].Tokens.Length;
        return (begin, next);
    }

    private EncodedExample Window(TaskExample example, int[] question, List<ContextWord> words)
    {
        var sequence = tokenizer.Join(question, [.. words.SelectMany(static word => word.Tokens)]);
        var places = new List<ContextPlace>();
        var position = question.Length + 2;
        foreach (var word in words)
        {
            places.Add(new(word.Start, word.End, position, position + word.Tokens.Length - 1));
            position += word.Tokens.Length;
        }

        var (start, end) = (0, 0);
        if (example.Answers is [var answer, ..])
        {
            var first = places.FindIndex(place => place.TextEnd > answer.Start);
            var last = places.FindLastIndex(place => place.TextStart < answer.Start + answer.Text.Length);
            // Only an answer that stands in the window as a whole.
            var isWhole = first >= 0 && last >= first && places[0].TextStart <= answer.Start
                && places[^1].TextEnd >= answer.Start + answer.Text.TrimEnd().Length;
            (start, end) = isWhole ? (places[first].First, places[last].Last) : (0, 0);
        }

        return new([sequence.Tokens], -1)
        {
            TokenTypes = [sequence.TokenTypes],
            Start = start,
            End = end,
            HasAnswers = example.Answers is not null,
            Places = places,
            Source = example,
        };
    }

    private int[] Pieces(string word, int room) => tokenizer.Encode(word) is var pieces && pieces.Length > room ? pieces[..room] : pieces;

    private sealed record ContextWord(int Start, int End, int[] Tokens);
}

/// <summary>A word of a context in a sequence.</summary>
/// <param name="TextStart">Its first character in the context.</param>
/// <param name="TextEnd">The character behind its last.</param>
/// <param name="First">The position of its first token.</param>
/// <param name="Last">The position of its last token.</param>
internal readonly record struct ContextPlace(int TextStart, int TextEnd, int First, int Last);
