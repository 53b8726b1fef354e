using System.Runtime.InteropServices;

namespace GptGen.Evaluation;

/// <summary>How often each run of symbols of one length occurs. One instance may serve text after text.</summary>
/// <param name="symbolBits">Bits that a symbol takes; a run has at most 128.</param>
internal sealed class NgramCounts(int symbolBits)
{
    private readonly Dictionary<UInt128, int> counts = [];

    /// <summary>The number of runs of a text.</summary>
    internal static long Total(int symbols, int order) => Math.Max(0, symbols - order + 1);

    /// <summary>Counts the runs of a text in place of those before.</summary>
    internal NgramCounts Count(ReadOnlySpan<int> symbols, int order)
    {
        counts.Clear();
        for (var start = 0; start + order <= symbols.Length; start++)
        {
            var run = UInt128.Zero;
            foreach (var symbol in symbols.Slice(start, order))
                run = (run << symbolBits) | (uint)symbol;
            CollectionsMarshal.GetValueRefOrAddDefault(counts, run, out _)++;
        }

        return this;
    }

    /// <summary>Raises each count to that of <paramref name="other"/> where that is higher.</summary>
    internal void Raise(NgramCounts other)
    {
        foreach (var (run, count) in other.counts)
        {
            ref var own = ref CollectionsMarshal.GetValueRefOrAddDefault(counts, run, out _);
            own = Math.Max(own, count);
        }
    }

    /// <summary>The runs that both have, each as often as it occurs in the one that has it less often.</summary>
    internal long Matches(NgramCounts other)
    {
        var matches = 0L;
        foreach (var (run, count) in counts)
        {
            if (other.counts.TryGetValue(run, out var reference))
                matches += Math.Min(count, reference);
        }

        return matches;
    }
}
