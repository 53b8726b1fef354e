using System.Diagnostics;
using System.Runtime.ExceptionServices;
using GptGen.Sampling;

namespace GptGen.Serving;

/// <summary>
/// A text that an engine writes. Tokens can be read while it goes on: what <see cref="Count"/> counts does not change any more. One reader at a time
/// may wait.
/// </summary>
public sealed class EngineSequence
{
    private readonly Action<EngineSequence> cancel;
    private readonly Signal signal = new();
    private readonly int promptLength;
    private readonly int? endOfText;
    private readonly ScoredTokens? promptScores;
    private readonly ScoredTokens? scores;
    private int[] history;
    private int length;
    private int count;
    private int end;

    internal EngineSequence(EngineRequest request, int[] start, int? endOfText, Action<EngineSequence> cancel)
    {
        (Request, this.endOfText, this.cancel) = (request, endOfText, cancel);
        promptLength = length = start.Length;
        history = new int[start.Length + Math.Min(request.Tokens, 64)];
        start.CopyTo(history, 0);
        Sampler = new(request.Sampling, request.Sample);
        if (request.Alternatives is { } alternatives)
        {
            scores = new(alternatives, Math.Min(request.Tokens, 64));
            promptScores = request.ScoresPrompt ? new(alternatives, Math.Max(1, start.Length - 1)) : null;
        }

        Deadline = request.TimeLimit is { } limit ? Submitted + (long)(limit.TotalSeconds * Stopwatch.Frequency) : long.MaxValue;
    }

    /// <summary>What was asked for.</summary>
    public EngineRequest Request { get; }

    /// <summary>Tokens written so far.</summary>
    public int Count => Volatile.Read(ref count);

    /// <summary>Why it ended; then no more tokens come.</summary>
    public EndReason End => (EndReason)Volatile.Read(ref end);

    /// <summary>What went wrong, where it failed.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>Tokens of the prompt, with the one that stands for an empty one.</summary>
    public int PromptTokens => promptLength;

    /// <summary>How many of them were known from another text and not read anew.</summary>
    public int ReusedTokens { get; internal set; }

    /// <summary>When it was asked for, by <see cref="Stopwatch.GetTimestamp"/>.</summary>
    public long Submitted { get; } = Stopwatch.GetTimestamp();

    /// <summary>When the first token was written.</summary>
    public long FirstToken { get; private set; }

    /// <summary>When the last token was written.</summary>
    public long LastToken { get; private set; }

    internal Sampler Sampler { get; }

    internal long Deadline { get; }

    internal int Slot { get; set; } = -1;

    /// <summary>Where in the tokens the part begins that is in view.</summary>
    internal int WindowStart { get; private set; }

    /// <summary>Tokens of the window whose keys and values are in the slot.</summary>
    internal int Read { get; set; }

    internal ReadOnlySpan<int> Window => history.AsSpan(WindowStart, length - WindowStart);

    internal int Pending => length - WindowStart - Read;

    /// <summary>A token of the prompt.</summary>
    public int PromptToken(int index) => history[index];

    /// <summary>A token that was written.</summary>
    public int Token(int index) => index < Count ? history[promptLength + index] : throw new ArgumentOutOfRangeException(nameof(index));

    /// <summary>The log probability of a token that was written; of requests that ask for it.</summary>
    public double LogProbability(int index) => Asked(scores).Of(index);

    /// <summary>The most probable tokens in its place, the best first; of requests that ask for them.</summary>
    public ReadOnlySpan<TokenProbability> Alternatives(int index) => Asked(scores).Best(index);

    /// <summary>The log probability of a token of the prompt but the first; of requests that ask for it, when the first token is written.</summary>
    public double PromptLogProbability(int index) => Asked(promptScores).Of(index - 1);

    /// <summary>The most probable tokens in its place, the best first.</summary>
    public ReadOnlySpan<TokenProbability> PromptAlternatives(int index) => Asked(promptScores).Best(index - 1);

    /// <summary>Returns when there are more tokens than were seen, or no more come.</summary>
    /// <param name="seen">How many were seen.</param>
    /// <param name="cancellation">Cancels the text too.</param>
    /// <returns>How many there are.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="GptGenException">The text cannot be written; of whatever else went wrong the exception is that one.</exception>
    public async ValueTask<int> WaitAsync(int seen, CancellationToken cancellation = default)
    {
        if (Count <= seen && End == EndReason.None)
        {
            using var registration = cancellation.UnsafeRegister(static sequence => ((EngineSequence)sequence!).Cancel(), this);
            while (Count <= seen && End == EndReason.None)
                await signal.WaitAsync().ConfigureAwait(false);
        }

        if (cancellation.IsCancellationRequested)
        {
            Cancel();
            cancellation.ThrowIfCancellationRequested();
        }

        if (Failure is not null)
            ExceptionDispatchInfo.Throw(Failure);
        return Count;
    }

    /// <summary>Ends it between two tokens; its slot is free then.</summary>
    public void Cancel() => cancel(this);

    /// <summary>Whether a token ends the text, and has none of its own.</summary>
    internal bool IsEnd(int token) => !Request.IgnoresEnd && (token == endOfText || Request.EndTokens.Contains(token));

    internal bool IsCancelled { get; set; }

    /// <summary>Adds a token.</summary>
    /// <returns>Why the text ends with it, or none.</returns>
    internal EndReason Append(int token, ReadOnlySpan<float> logits, int context)
    {
        scores?.Add(token, logits);
        if (length == history.Length)
            Array.Resize(ref history, 2 * length);
        history[length++] = token;
        if (length - WindowStart > context)
            (WindowStart, Read) = (length - ((context + 1) / 2), 0);
        LastToken = Stopwatch.GetTimestamp();
        if (count == 0)
            FirstToken = LastToken;
        Volatile.Write(ref count, count + 1);
        return IsEnd(token) ? EndReason.EndToken
            : count == Request.Tokens ? EndReason.Length
            : EndReason.None;
    }

    /// <summary>Whether logits are wanted of each row of the prompt.</summary>
    internal bool ScoresRows => promptScores is not null && count == 0;

    /// <summary>Scores the prompt's token behind a position.</summary>
    internal void ScorePrompt(int position, ReadOnlySpan<float> logits)
    {
        if (position + 1 < promptLength)
            promptScores!.Add(history[position + 1], logits);
    }

    internal void Tell() => signal.Set();

    internal void Finish(EndReason reason, Exception? failure = null)
    {
        if (End != EndReason.None)
            return;
        Failure = failure;
        Volatile.Write(ref end, (int)reason);
        signal.Set();
    }

    private static ScoredTokens Asked(ScoredTokens? scores) =>
        scores ?? throw new InvalidOperationException("No log probabilities were asked for.");
}
