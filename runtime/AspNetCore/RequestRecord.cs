using GptGen.Serving;

namespace GptGen.AspNetCore;

/// <summary>What a request did, for logs and metrics.</summary>
internal sealed class RequestRecord
{
    private SequenceReader[] texts = [];
    private int read;

    /// <summary>The texts that it wrote.</summary>
    public IEnumerable<EngineSequence> Sequences => texts.Select(static text => text.Sequence);

    /// <summary>Tokens that were read and written.</summary>
    public (int Read, int Written) Tokens =>
        (read + texts.Sum(static text => text.Sequence.PromptTokens), texts.Sum(static text => text.Tokens));

    public void Begin(SequenceReader[] begun) => texts = begun;

    public void Read(int tokens) => read += tokens;

    /// <summary>Ends what goes on: nobody reads it any more.</summary>
    public void End()
    {
        foreach (var text in texts)
            text.Sequence.Cancel();
    }
}
