using System.Runtime.InteropServices;
using GptGen.Sampling;

namespace GptGen;

// Drawing tokens where the logits are: only their numbers come to the host.
public abstract partial class InferenceGraph
{
    /// <summary>A slot each: draws, then the tokens drawn, then bits of the tokens seen.</summary>
    private readonly Arena sampling;
    private readonly int[] seenWords;
    private int drawCount;

    /// <summary>Rows of logits that the last call left.</summary>
    public int LogitRows { get; private protected set; }

    /// <summary>The draws of the current call.</summary>
    protected Integers Draws => new(sampling.At(0), drawCount * TokenDraw.Words);

    /// <summary>The tokens drawn, one a draw.</summary>
    protected Integers DrawnTokens => new(sampling.At((nint)Slots * TokenDraw.Words), drawCount);

    /// <summary>A bit a token for each slot.</summary>
    protected Integers SeenTokens => new(sampling.At(SeenStart), Slots * seenWords.Length);

    private nint SeenStart => (nint)Slots * (TokenDraw.Words + 1);

    /// <summary>
    /// Draws tokens from the logits that the last call left; see <see cref="Device"/>'s <c>Sample</c>. Waits for the device. Where there is a
    /// repetition penalty, each slot may have one draw only.
    /// </summary>
    /// <param name="draws">What to draw, at most one for each slot.</param>
    /// <param name="tokens">Receives a token a draw.</param>
    /// <param name="limit">Tokens from this number on are never drawn: the tokenizer has no text for them.</param>
    /// <exception cref="GptGenException">A draw or the limit is out of range, or a logit is not a number.</exception>
    public void Sample(ReadOnlySpan<TokenDraw> draws, Span<int> tokens, int limit)
    {
        using var call = Enter();
        if (draws.Length < 1 || draws.Length > Slots || tokens.Length != draws.Length)
            throw new GptGenException($"{draws.Length} draws into {tokens.Length} tokens do not fit an inference graph made for {Slots}.");
        if (limit < 1 || limit > Model.Description.Vocabulary)
            throw new GptGenException($"Tokens below {limit} cannot be drawn: {Model.Description.Name} has {Model.Description.Vocabulary}.");
        foreach (var draw in draws)
        {
            CheckSlot(draw.Slot);
            if ((uint)draw.Row >= (uint)LogitRows)
                throw new GptGenException($"There are no logits in row {draw.Row}: the last call left {LogitRows}.");
        }

        drawCount = draws.Length;
        sampling.Write(0, MemoryMarshal.Cast<TokenDraw, int>(draws));
        SampleTokens(limit);
        sampling.Read(DrawnTokens.Start.Offset, tokens);
        foreach (var token in tokens)
            TokenDraw.Check(token);
    }

    /// <summary>
    /// Says which tokens a slot's sequence has so far, for the repetition penalty; those drawn for it from now on count by themselves.
    /// </summary>
    /// <exception cref="GptGenException">The slot or a token is out of range.</exception>
    public void SetSeen(int slot, ReadOnlySpan<int> tokens)
    {
        using var call = Enter();
        CheckSlot(slot);
        TokenCheck.Tokens(tokens, Model.Description.Vocabulary, "token");
        seenWords.AsSpan().Clear();
        foreach (var token in tokens)
            seenWords[token / 32] |= 1 << (token % 32);
        sampling.Write(SeenStart + ((nint)slot * seenWords.Length), seenWords);
    }

    /// <summary>The generated code of <see cref="Sample"/>.</summary>
    protected abstract void SampleTokens(int limit);
}
