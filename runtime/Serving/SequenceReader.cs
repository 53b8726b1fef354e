using System.Runtime.CompilerServices;
using GptGen.Text;

namespace GptGen.Serving;

/// <summary>Some text of a sequence, with the tokens that complete it.</summary>
/// <param name="Text">The text; never half a character, and none where what was held back comes to nothing.</param>
/// <param name="FirstToken">The first of its tokens.</param>
/// <param name="Tokens">How many there are.</param>
public readonly record struct SequenceText(string Text, int FirstToken, int Tokens);

/// <summary>Reads a sequence as text, and ends it at stop strings.</summary>
/// <param name="sequence">The sequence, which nobody else reads.</param>
/// <param name="tokenizer">Its tokenizer.</param>
/// <param name="stops">The text ends before any of these.</param>
public sealed class SequenceReader(EngineSequence sequence, Tokenizer tokenizer, IReadOnlyList<string> stops)
{
    private readonly StreamingDecoder decoder = new(tokenizer, stops);

    /// <summary>The sequence.</summary>
    public EngineSequence Sequence => sequence;

    /// <summary>Tokens of the text so far; those drawn behind a stop string do not count.</summary>
    public int Tokens { get; private set; }

    /// <summary>Whether the text ended at a stop string or at a token that ends texts, and not by its length.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>The text as it appears.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled; the sequence is too.</exception>
    /// <exception cref="GptGenException">It cannot be written.</exception>
    /// <exception cref="TimeoutException">Its time was over.</exception>
    public async IAsyncEnumerable<SequenceText> ReadAsync([EnumeratorCancellation] CancellationToken cancellation = default)
    {
        var (told, isOver) = (0, false);
        try
        {
            while (!isOver)
            {
                var count = await sequence.WaitAsync(Tokens, cancellation).ConfigureAwait(false);
                if (count == Tokens)
                    break;
                while (Tokens < count && !isOver)
                {
                    var token = sequence.Token(Tokens++);
                    var isEnd = sequence.IsEnd(token);
                    var text = isEnd ? "" : decoder.Append(token);
                    IsComplete = isEnd || decoder.Stopped;
                    isOver = IsComplete || Tokens == sequence.Request.Tokens;
                    if (isOver && !decoder.Stopped)
                        text += decoder.Finish();
                    if (text.Length == 0 && !isOver)
                        continue;
                    yield return new(text, told, Tokens - told);
                    told = Tokens;
                }
            }
        }
        finally
        {
            // Whoever reads no further wants no more.
            sequence.Cancel();
        }

        if (!isOver && sequence.End == EndReason.TimeLimit)
            throw new TimeoutException($"The time limit of {sequence.Request.TimeLimit?.TotalSeconds} s was over after {Tokens} tokens.");
    }
}
