using System.Threading.Tasks.Sources;

namespace GptGen.Serving;

/// <summary>Lets one reader at a time wait for news, without an allocation for each: news that come before the wait end it at once.</summary>
internal sealed class Signal : IValueTaskSource
{
    private readonly Lock gate = new();
    private ManualResetValueTaskSourceCore<bool> source = new() { RunContinuationsAsynchronously = true };
    private bool isAwaited;
    private bool isSet;

    /// <summary>Tells the reader, or the one that comes next.</summary>
    public void Set()
    {
        lock (gate)
        {
            if (!isAwaited)
            {
                isSet = true;
                return;
            }

            isAwaited = false;
        }

        source.SetResult(true);
    }

    /// <summary>Waits for news.</summary>
    /// <exception cref="InvalidOperationException">Another reader waits.</exception>
    public ValueTask WaitAsync()
    {
        lock (gate)
        {
            if (isAwaited)
                throw new InvalidOperationException("One reader waits already.");
            if (isSet)
            {
                isSet = false;
                return ValueTask.CompletedTask;
            }

            source.Reset();
            isAwaited = true;
            return new(this, source.Version);
        }
    }

    /// <inheritdoc/>
    void IValueTaskSource.GetResult(short token) => source.GetResult(token);

    /// <inheritdoc/>
    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => source.GetStatus(token);

    /// <inheritdoc/>
    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        source.OnCompleted(continuation, state, token, flags);
}
