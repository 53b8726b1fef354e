using GptGen.Text;

namespace GptGen.Generation;

/// <summary>The text of one sample, token by token, and where it ends.</summary>
internal sealed class SampleText(GenerationOptions options, Tokenizer tokenizer)
{
    private readonly StreamingDecoder decoder = new(tokenizer, options.Stop);
    private int drawn;

    /// <summary>Whether the last token ended it.</summary>
    internal bool IsFinished { get; private set; }

    /// <summary>The text that one more token completes.</summary>
    internal string Append(int token)
    {
        drawn++;
        var ended = token == tokenizer.EndOfText;
        var text = ended ? "" : decoder.Append(token);
        IsFinished = ended || decoder.Stopped || drawn == options.Tokens;
        return IsFinished && !decoder.Stopped ? text + decoder.Finish() : text;
    }
}
