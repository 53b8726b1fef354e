using GptGen.Distributed;
using GptGen.Text;

namespace GptGen.Training;

/// <summary>
/// Streams that are read to their ends in groups, each with a state that goes on from segment to segment. Several processes read a group each, and
/// what is found has the bits of one.
/// </summary>
internal static class DividedStreams
{
    /// <summary>Reads all streams. All processes ask for all results, and all stop when one is asked to.</summary>
    /// <param name="others">The processes; null for one.</param>
    /// <param name="streams">The streams.</param>
    /// <param name="atOnce">The most streams of a group.</param>
    /// <param name="width">Sums of a group.</param>
    /// <param name="begin">Makes the state of some streams.</param>
    /// <param name="read">Reads a segment of the streams of a state from the given stream on, and adds what it finds to the group's sums.</param>
    /// <param name="cancellation">Ends the work between two segments.</param>
    /// <returns>The sums of what was read so far, again and again; they are of use until the next ones are asked for.</returns>
    /// <exception cref="OperationCanceledException">A token asked to stop.</exception>
    internal static IEnumerable<double[]> Of<T>(
        Communicator? others, StreamBatches streams, int atOnce, int width, Func<int, T> begin, Action<T, long, int, Span<double>> read,
        CancellationToken cancellation)
        where T : class, IDisposable
    {
        var (ranks, rank) = (others?.Size ?? 1, others?.Rank ?? 0);
        var groups = (int)(((long)streams.Streams + atOnce - 1) / atOnce);
        var (sums, own, total) = (new double[groups * width], new double[width], new double[width]);
        for (var first = 0; first < groups; first += ranks)
        {
            // Where there are more processes than groups are left, the last ones have none.
            var mine = (first + rank) * atOnce;
            using var state = first + rank < groups ? begin(Math.Min(atOnce, streams.Streams - mine)) : null;
            Array.Clear(own);
            foreach (var ((_, group), result) in DividedWork.Of(others, Turns(streams.SegmentCount, first, ranks), width, Read, cancellation))
            {
                if (group < groups)
                    result.Span.CopyTo(sums.AsSpan(group * width, width));
                if (group - first + 1 < ranks)
                    continue;
                Add(sums, total);
                yield return total;
            }

            void Read((long Segment, int Group) turn, Span<double> result)
            {
                if (state is null)
                    return;
                read(state, turn.Segment, mine, own);
                own.CopyTo(result);
            }
        }
    }

    /// <summary>A segment of each process's group, then the next one.</summary>
    private static IEnumerable<(long Segment, int Group)> Turns(long segments, int first, int ranks)
    {
        for (long segment = 0; segment < segments; segment++)
        {
            for (var group = first; group < first + ranks; group++)
                yield return (segment, group);
        }
    }

    /// <summary>In the order of the groups, whoever read them.</summary>
    private static void Add(double[] sums, double[] total)
    {
        Array.Clear(total);
        for (var index = 0; index < sums.Length; index++)
            total[index % total.Length] += sums[index];
    }
}
