using GptGen.Text;

namespace GptGen.Finetuning;

/// <summary>
/// Turns a text's words into tokens whose first ones have the words' tags. A text that is too long becomes several sequences, which end between two
/// words.
/// </summary>
internal sealed class WordEncoder(WordPieceTokenizer tokenizer, TagSet tags, int length)
{
    private const int Marks = 2;

    internal IEnumerable<EncodedExample> Encode(TaskExample example)
    {
        var room = length - Marks;
        var (tokens, positions, labels) = (new List<int>(), new List<int>(), new List<int>());
        for (var word = 0; word < example.Texts.Count; word++)
        {
            var pieces = tokenizer.Encode(example.Texts[word]);
            // A word of which nothing is left, as of control characters, still has a tag.
            pieces = pieces.Length == 0 ? [tokenizer.Unknown] : pieces[..Math.Min(pieces.Length, room)];
            if (tokens.Count + pieces.Length > room)
                yield return End();
            positions.Add(1 + tokens.Count);
            labels.Add(tags.IndexOf(example, word));
            tokens.AddRange(pieces);
        }

        yield return End();

        EncodedExample End()
        {
            var sequence = tokenizer.Join([.. tokens]);
            var encoded = new EncodedExample([sequence.Tokens], -1)
            {
                TokenTypes = [sequence.TokenTypes],
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
