using System.Text;

namespace GptGen.Text;

/// <summary>
/// The words of texts, which stand between spaces, each numbered when it comes for the first time: for models that read words by their characters
/// (<see cref="WordCharacters"/>) and so know any word. The marks of a sentence's beginning and end are the first two numbers, which no text names.
/// One thread at a time may use it.
/// </summary>
public sealed class TextWords : Tokenizer
{
    private const int Begin = 0;
    private const int End = 1;

    private readonly List<byte[]> _words = ["<S>"u8.ToArray(), "</S>"u8.ToArray()];
    private readonly Dictionary<byte[], int> _numbers = new(new ByteComparer());

    /// <inheritdoc/>
    public override string Name => "words between spaces";

    /// <summary>Words so far, marks included.</summary>
    public override int VocabularySize => _words.Count;

    /// <inheritdoc/>
    public override int? EndOfText => End;

    /// <inheritdoc/>
    public override int? BeginOfText => Begin;

    private protected override AddedTokens? InPrompts => null;

    /// <inheritdoc/>
    public override ReadOnlySpan<byte> Bytes(int token) => (uint)token < (uint)_words.Count ? _words[token] : throw UnknownToken(token);

    /// <inheritdoc/>
    public override void Encode(ReadOnlySpan<byte> utf8, List<int> tokens)
    {
        // Of any kind of space that Unicode has.
        foreach (var word in Encoding.UTF8.GetString(utf8).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
        {
            var bytes = Encoding.UTF8.GetBytes(word);
            if (!_numbers.TryGetValue(bytes, out var number))
            {
                _numbers.Add(bytes, number = _words.Count);
                _words.Add(bytes);
            }

            tokens.Add(number);
        }
    }
}
