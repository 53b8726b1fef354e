using GptGen.Text;

namespace GptGen.Finetuning;

/// <summary>
/// Turns a text's words into tokens whose first ones have the words' tags. A text that is too long becomes several sequences, which end between two
/// words.
/// </summary>
internal sealed class WordEncoder(TaskHead head, Tokenizer tokenizer, TagSet tags, int length)
{
    private const int Marks = 2;

    private int Unknown => tokenizer is WordPieceTokenizer pieces ? pieces.Unknown : head.Frame(tokenizer, [], null).Tokens[0];

    internal IEnumerable<EncodedExample> Encode(TaskExample example)
    {
        var room = length - Marks;
        var (tokens, positions, labels) = (new List<int>(), new List<int>(), new List<int>());
        for (var word = 0; word < example.Texts.Count; word++)
        {
            // A word of which nothing is left, as of control characters, still has a tag.
            var pieces = PiecesOf(example.Texts[word], isFirst: word == 0);
            pieces = pieces.Length == 0 ? [Unknown] : pieces[..Math.Min(pieces.Length, room)];
            if (tokens.Count + pieces.Length > room)
                yield return End();
            positions.Add(1 + tokens.Count);
            labels.Add(tags.IndexOf(example, word));
            tokens.AddRange(pieces);
        }

        yield return End();

        // Tokens of running text, but for word pieces, begin with the blank before a word.
        int[] PiecesOf(string text, bool isFirst) =>
            head.IsFramedByEnds && tokenizer is not WordPieceTokenizer && !isFirst ? tokenizer.Encode(" " + text) : tokenizer.Encode(text);

        EncodedExample End()
        {
            var sequence = head.Frame(tokenizer, [.. tokens], null);
            var encoded = new EncodedExample([sequence.Tokens], -1)
            {
                TokenTypes = head.IsFramedByEnds ? [] : [sequence.TokenTypes],
                Positions = [.. positions],
                TokenLabels = [.. labels],
                Source = example,
            };
            tokens.Clear();
            positions.Clear();
            labels.Clear();
            return encoded;
        }
    }
}
