namespace GptGen.Text;

/// <summary>
/// A long sequence of tokens, in memory or in files, of which any part can be read. Reading changes nothing, so one source serves any
/// number of threads.
/// </summary>
public abstract class TokenSource : IDisposable
{
    /// <summary>The number of tokens.</summary>
    public abstract long Count { get; }

    /// <summary>What the tokens are, for messages: <c>'val.bin'</c>, or "the text".</summary>
    internal string Name { get; init; } = "the text";

    /// <summary>Reads consecutive tokens. Allocates nothing.</summary>
    /// <param name="start">Index of the first token.</param>
    /// <param name="destination">Receives the tokens; it must end within the sequence.</param>
    /// <exception cref="GptGenException">A token lies outside the vocabulary, or its file can no longer be read.</exception>
    public abstract void Read(long start, Span<int> destination);

    /// <summary>A part of this source. It stays valid as long as this source does, and disposing of it does nothing.</summary>
    /// <param name="start">Index of the part's first token.</param>
    /// <param name="count">The part's number of tokens.</param>
    public TokenSource Slice(long start, long count) => Slice(start, count, Name);

    /// <summary>A part with a name of its own.</summary>
    internal TokenSource Slice(long start, long count, string name)
    {
        CheckRange(start, count);
        return new Part(this, start, count) { Name = name };
    }

    /// <summary>Refuses a sequence in which nothing can be predicted.</summary>
    /// <exception cref="GptGenException">It has fewer than two tokens.</exception>
    internal void RequirePredictable()
    {
        if (Count < 2)
        {
            throw new GptGenException(
                $"There is nothing to predict in {Name}, which has {Count} {(Count == 1 ? "token" : "tokens")}: at least 2 are needed; "
                + "give a longer text.");
        }
    }

    /// <summary>Reads the whole sequence, part by part.</summary>
    internal void ForEachPart(Action<int[]> action, CancellationToken cancellation = default)
    {
        const int PartLength = 1 << 16;
        for (long start = 0; start < Count; start += PartLength)
        {
            cancellation.ThrowIfCancellationRequested();
            var part = new int[Math.Min(PartLength, Count - start)];
            Read(start, part);
            action(part);
        }
    }

    /// <summary>Tokens in memory.</summary>
    /// <param name="tokens">The tokens; the source keeps the array.</param>
    public static TokenSource FromMemory(int[] tokens) => new InMemory(tokens);

    /// <summary>Tokens in memory, with a name for messages.</summary>
    internal static TokenSource FromMemory(int[] tokens, string name) => new InMemory(tokens) { Name = name };

    /// <summary>Several sources one after the other; disposing of the whole disposes of them.</summary>
    /// <param name="parts">The sources.</param>
    public static TokenSource Concatenate(params IReadOnlyList<TokenSource> parts) => parts.Count == 1
        ? parts[0]
        : new Chain([.. parts]) { Name = parts.Count == 0 ? "no text" : $"{parts[0].Name} and {parts.Count - 1} more" };

    /// <summary>Closes the files behind the source, if any.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Closes the files behind the source, if any.</summary>
    /// <param name="disposing">Whether <see cref="Dispose()"/> was called.</param>
    protected virtual void Dispose(bool disposing)
    {
    }

    /// <summary>Refuses a range that is not within the sequence.</summary>
    private protected void CheckRange(long start, long count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Count - start);
    }

    private sealed class InMemory(int[] tokens) : TokenSource
    {
        public override long Count => tokens.Length;

        public override void Read(long start, Span<int> destination)
        {
            CheckRange(start, destination.Length);
            tokens.AsSpan((int)start, destination.Length).CopyTo(destination);
        }
    }

    private sealed class Part(TokenSource whole, long offset, long count) : TokenSource
    {
        public override long Count => count;

        public override void Read(long start, Span<int> destination)
        {
            CheckRange(start, destination.Length);
            whole.Read(offset + start, destination);
        }
    }

    private sealed class Chain(TokenSource[] parts) : TokenSource
    {
        public override long Count { get; } = parts.Sum(part => part.Count);

        public override void Read(long start, Span<int> destination)
        {
            CheckRange(start, destination.Length);
            foreach (var part in parts)
            {
                if (start < part.Count && !destination.IsEmpty)
                {
                    var count = (int)Math.Min(part.Count - start, destination.Length);
                    part.Read(start, destination[..count]);
                    destination = destination[count..];
                    start += count;
                }

                start -= part.Count;
            }
        }

        protected override void Dispose(bool disposing)
        {
            foreach (var part in parts)
                part.Dispose();
        }
    }
}
