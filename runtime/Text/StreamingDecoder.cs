using System.Text;

namespace GptGen.Text;

/// <summary>
/// Turns tokens into text while they arrive. A character is given out once all its bytes are there, so text is never split inside one; bytes
/// that can no longer become a character are given out as U+FFFD. Text that could be the beginning of a stop string is held back
/// until it is certain that it is not; a stop string itself is never given out.
/// </summary>
public sealed class StreamingDecoder
{
    private readonly Tokenizer _tokenizer;
    private readonly string[] _stops;
    private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();
    private string _held = "";

    /// <summary>Creates a decoder for one sequence.</summary>
    /// <param name="tokenizer">The tokenizer of the tokens to come.</param>
    /// <param name="stops">Texts at which generation ends.</param>
    /// <exception cref="GptGenException">A stop string is empty.</exception>
    public StreamingDecoder(Tokenizer tokenizer, params IEnumerable<string> stops)
    {
        _tokenizer = tokenizer;
        _stops = [.. stops];
        if (_stops.Contains(""))
            throw new GptGenException("A stop string is empty and would end every text at once: give at least one character.");
    }

    /// <summary>Whether a stop string has appeared; no more text comes then.</summary>
    public bool Stopped { get; private set; }

    /// <summary>Takes the next token.</summary>
    /// <param name="token">The token.</param>
    /// <returns>The text that has become certain; often empty.</returns>
    /// <exception cref="GptGenException">The vocabulary has no such token.</exception>
    public string Append(int token) => Stopped ? "" : Release(Characters(_tokenizer.Bytes(token), flush: false), final: false);

    /// <summary>Ends the sequence.</summary>
    /// <returns>What was held back; an unfinished character becomes U+FFFD.</returns>
    public string Finish() => Stopped ? "" : Release(Characters([], flush: true), final: true);

    private string Characters(ReadOnlySpan<byte> bytes, bool flush)
    {
        Span<char> characters = stackalloc char[64];
        if (_decoder.GetCharCount(bytes, flush) is var count && count > characters.Length)
            characters = new char[count];
        return new string(characters[.._decoder.GetChars(bytes, characters, flush)]);
    }

    private string Release(string added, bool final)
    {
        var text = _held + added;
        var certain = text.Length;
        foreach (var stop in _stops)
        {
            if (text.IndexOf(stop, StringComparison.Ordinal) is >= 0 and var found)
            {
                Stopped = true;
                certain = Math.Min(certain, found);
            }
        }

        if (!Stopped && !final)
            certain -= PossibleStop(text);
        _held = Stopped ? "" : text[certain..];
        return text[..certain];
    }

    /// <summary>The length of the longest end of a text with which some stop string begins.</summary>
    private int PossibleStop(ReadOnlySpan<char> text)
    {
        var longest = 0;
        foreach (var stop in _stops)
        {
            for (var length = Math.Min(stop.Length - 1, text.Length); length > longest; length--)
            {
                if (text.EndsWith(stop.AsSpan(0, length), StringComparison.Ordinal))
                    longest = length;
            }
        }

        return longest;
    }
}
