using System.Buffers;
using System.Text;

namespace GptGen.Text;

/// <summary>
/// Finds the names of added tokens in a text: the leftmost first, of those that begin at one place the longest. What lies between is encoded piece by
/// piece, each as if it were a text of its own, as Hugging Face's tokenizers do it.
/// </summary>
internal sealed class AddedTokens
{
    private readonly List<Matcher> _passes = [];

    /// <param name="tokens">The tokens; no two have the same name, and no name is empty.</param>
    public AddedTokens(IEnumerable<AddedToken> tokens)
    {
        foreach (var pass in tokens.GroupBy(static token => token.IsFirst).OrderByDescending(static pass => pass.Key))
            _passes.Add(new(pass));
    }

    /// <summary>Encodes a text between added tokens.</summary>
    public delegate void SectionEncoder(ReadOnlySpan<byte> utf8, List<int> tokens);

    /// <summary>Appends the tokens of a text.</summary>
    public void Encode(ReadOnlySpan<byte> utf8, List<int> tokens, SectionEncoder encode) => Encode(utf8, tokens, encode, pass: 0);

    private void Encode(ReadOnlySpan<byte> utf8, List<int> tokens, SectionEncoder encode, int pass)
    {
        if (pass == _passes.Count)
        {
            if (!utf8.IsEmpty)
                encode(utf8, tokens);
            return;
        }

        while (_passes[pass].TryFind(utf8, out var start, out var end, out var token))
        {
            Encode(utf8[..start], tokens, encode, pass + 1);
            tokens.Add(token);
            utf8 = utf8[end..];
        }

        Encode(utf8, tokens, encode, pass + 1);
    }

    /// <summary>The names of one pass as a tree of bytes.</summary>
    private sealed class Matcher
    {
        private readonly AddedToken[] _tokens;
        private readonly ByteTrie _names = new();
        private readonly SearchValues<byte> _first;

        public Matcher(IEnumerable<AddedToken> tokens)
        {
            _tokens = [.. tokens];
            for (var index = 0; index < _tokens.Length; index++)
                _names.Add(Encoding.UTF8.GetBytes(_tokens[index].Content), index);
            _first = SearchValues.Create([.. _names.First]);
        }

        public bool TryFind(ReadOnlySpan<byte> text, out int start, out int end, out int token)
        {
            for (start = 0; start < text.Length; start++)
            {
                var next = text[start..].IndexOfAny(_first);
                if (next < 0)
                    break;
                start += next;
                if (!_names.TryFindLongest(text[start..], out var length, out var index))
                    continue;
                var found = _tokens[index];
                end = start + length;
                if (found.TakesSpaceBefore)
                    start -= SpaceBefore(text[..start]);
                if (found.TakesSpaceAfter)
                    end += SpaceAfter(text[end..]);
                token = found.Number;
                return true;
            }

            (start, end, token) = (0, 0, 0);
            return false;
        }

        private static int SpaceBefore(ReadOnlySpan<byte> text)
        {
            var length = 0;
            while (Rune.DecodeLastFromUtf8(text[..^length], out var rune, out var bytes) == OperationStatus.Done && Rune.IsWhiteSpace(rune))
                length += bytes;
            return length;
        }

        private static int SpaceAfter(ReadOnlySpan<byte> text)
        {
            var length = 0;
            while (Rune.DecodeFromUtf8(text[length..], out var rune, out var bytes) == OperationStatus.Done && Rune.IsWhiteSpace(rune))
                length += bytes;
            return length;
        }
    }
}
