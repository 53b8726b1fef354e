using System.Diagnostics;

namespace GptGen.Cpu;

/// <summary>
/// A number that threads wait on to change. Waiting starts as polling, because work usually follows within microseconds,
/// goes on as polling that offers the core to others, and ends in sleep: a waiting thread never keeps a core that another
/// program wants, and an idle one costs nothing.
/// </summary>
internal sealed class Signal
{
    private const int Polls = 400;
    private static readonly long YieldingTicks = Stopwatch.Frequency / 5000; // 0.2 ms
    private static readonly bool Alone = Environment.ProcessorCount == 1;

    private readonly object sleep = new();
    private PaddedInteger current;
    private PaddedInteger sleepers;

    /// <summary>The number now.</summary>
    public int Value => Volatile.Read(ref current.Value);

    /// <summary>Changes the number and wakes all who wait.</summary>
    public void Set(int value)
    {
        // A full fence between the write and the read below pairs with the one in Sleep: either this thread sees the
        // sleeper, or the sleeper sees the new value.
        Interlocked.Exchange(ref current.Value, value);
        if (Volatile.Read(ref sleepers.Value) != 0)
        {
            lock (sleep)
            {
                Monitor.PulseAll(sleep);
            }
        }
    }

    /// <summary>Returns once the number differs from <paramref name="value"/>.</summary>
    public void WaitWhile(int value)
    {
        if (!Alone)
        {
            for (int poll = 0; poll < Polls; poll++)
            {
                if (Value != value)
                {
                    return;
                }

                Thread.SpinWait(4);
            }
        }

        for (long start = Stopwatch.GetTimestamp(); Stopwatch.GetTimestamp() - start < YieldingTicks;)
        {
            if (Value != value)
            {
                return;
            }

            Thread.Yield();
        }

        Sleep(value);
    }

    private void Sleep(int value)
    {
        Interlocked.Increment(ref sleepers.Value);
        lock (sleep)
        {
            while (Value == value)
            {
                Monitor.Wait(sleep);
            }
        }

        Interlocked.Decrement(ref sleepers.Value);
    }
}
