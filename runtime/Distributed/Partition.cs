using GptGen.Cpu;

namespace GptGen.Distributed;

/// <summary>
/// Which of a model's trained parameters each rank owns: a piece of each range of each bucket of gradients. On CPUs a piece is whole blocks of the
/// gradient's norm, as evenly as they go, so that neither the norm nor any vector instruction of AdamW depends on the number of ranks; a rank may own
/// none. On GPUs pieces are equal, as NCCL moves them, and what is left of them is the last rank's. A rank keeps its moments piece behind piece.
/// </summary>
internal sealed class Partition
{
    /// <summary>Elements of a block.</summary>
    internal const int Block = SquareSumKernel.Block;

    /// <summary>
    /// Blocks that a bucket has at least on CPUs: 4 MiB, which is what a reduction there has on the way at once: smaller ones would pay a
    /// call's latency more often.
    /// </summary>
    internal const int HostBucketBlocks = 16;

    /// <summary>
    /// The same on GPUs: 25 MiB, as PyTorch's DDP has it. By NCCL's own model of latencies (8.4 us and 3.4 us a hop) a ring of 8 GPUs at 360 GB/s
    /// spends as long on the way as on 12 MB.
    /// </summary>
    internal const int GpuBucketBlocks = 100;

    /// <summary>Elements that equal pieces are a multiple of, so that they begin where memory is read fastest.</summary>
    private const int Alignment = 64;

    private readonly bool isEven;
    private readonly GradientRange[] ranges;
    private readonly int[] firstRanges;
    private readonly int[] layers;
    private readonly int[] sumPlaces;

    /// <summary>Pieces of buckets: equal ones, or whole blocks.</summary>
    internal Partition(IReadOnlyList<GradientBucket> buckets, int ranks, bool isEven)
    {
        (Ranks, this.isEven) = (ranks, isEven);
        ranges = [.. buckets.SelectMany(static bucket => bucket.Ranges)];
        layers = [.. buckets.Select(static bucket => bucket.Layer)];
        firstRanges = new int[buckets.Count + 1];
        for (var bucket = 0; bucket < buckets.Count; bucket++)
            firstRanges[bucket + 1] = firstRanges[bucket] + buckets[bucket].Ranges.Count;
        var all = Enumerable.Range(0, ranks).ToArray();
        Largest = all.Max(Count);
        MostSums = all.Max(rank => Enumerable.Range(0, ranges.Length).Sum(range => Sums(range, rank)));
        sumPlaces = [.. all.SelectMany(PlacesOf).OrderBy(static sum => sum.First).Select(static sum => sum.Place)];
    }

    /// <summary>One process's: all in one piece.</summary>
    internal static Partition Whole(nint elements) => new([new(GradientBucket.AtEnd, [new(0, elements)])], 1, isEven: false);

    /// <summary>Pieces of whole blocks.</summary>
    /// <param name="model">The model.</param>
    /// <param name="ranks">Ranks.</param>
    /// <param name="bucketBlocks">Blocks that a bucket has at least.</param>
    /// <exception cref="GptGenException">There are more parameters than MPI's counts hold.</exception>
    internal static Partition OfBlocks(ModelDescription model, int ranks, int bucketBlocks = HostBucketBlocks)
    {
        if (model.TrainedElements > int.MaxValue && ranks > 1)
        {
            throw new GptGenException(
                FormattableString.Invariant($"A model of {model.TrainedElements:N0} parameters is too large for several processes, ")
                + FormattableString.Invariant($"which share at most {int.MaxValue:N0}: train it with one."));
        }

        return new(GradientBucket.Of(model, bucketBlocks), ranks, isEven: false);
    }

    /// <summary>Equal pieces.</summary>
    internal static Partition OfEqualPieces(ModelDescription model, int ranks, int bucketBlocks = GpuBucketBlocks) =>
        new(GradientBucket.Of(model, bucketBlocks), ranks, isEven: true);

    /// <summary>Ranks.</summary>
    internal int Ranks { get; }

    /// <summary>Buckets, in the order in which the backward pass completes them.</summary>
    internal int Buckets => layers.Length;

    /// <summary>Ranges of all buckets together.</summary>
    internal int Ranges => ranges.Length;

    /// <summary>The most elements of a rank.</summary>
    internal nint Largest { get; }

    /// <summary>The most sums of a rank.</summary>
    internal int MostSums { get; }

    /// <summary>The layer with which the backward pass has completed a bucket (<see cref="GradientBucket.Layer"/>).</summary>
    internal int LayerOf(int bucket) => layers[bucket];

    /// <summary>The first range of a bucket; of one behind the last, the number of ranges.</summary>
    internal int FirstRange(int bucket) => firstRanges[bucket];

    /// <summary>A range.</summary>
    internal GradientRange this[int range] => ranges[range];

    /// <summary>Elements of a piece of equal ones.</summary>
    internal nint Piece(int range) => ranges[range].Count / Ranks / Alignment * Alignment;

    /// <summary>Elements of a range behind the equal pieces.</summary>
    internal nint Rest(int range) => ranges[range].Count - (Piece(range) * Ranks);

    /// <summary>The first element of a rank's piece of a range.</summary>
    internal nint First(int range, int rank)
    {
        var (first, count) = ranges[range];
        return rank == Ranks ? first + count : first + (isEven ? Piece(range) * rank : Math.Min(FirstBlock(count, rank) * Block, count));
    }

    /// <summary>Elements of a rank's piece of a range.</summary>
    internal nint Count(int range, int rank) => First(range, rank + 1) - First(range, rank);

    /// <summary>Elements of a rank.</summary>
    internal nint Count(int rank) => FirstMoment(ranges.Length, rank);

    /// <summary>Where the moments of a rank's piece of a range begin among its own.</summary>
    internal nint FirstMoment(int range, int rank)
    {
        nint first = 0;
        for (var before = 0; before < range; before++)
            first += Count(before, rank);
        return first;
    }

    /// <summary>Into how many sums of squares a rank's piece of a range goes (<see cref="Device.SquareSums"/>).</summary>
    internal int Sums(int range, int rank)
    {
        var count = Count(range, rank);
        return isEven ? (count > 0 ? 1 : 0) : (int)((count + Block - 1) / Block);
    }

    /// <summary>
    /// The sum of the sums of all ranks in the order of the elements, whoever owns these, so that on CPUs it has one process's bits.
    /// </summary>
    /// <param name="sums">Those of rank 0, range after range, then those of rank 1…, <see cref="MostSums"/> of each.</param>
    internal double Add(ReadOnlySpan<double> sums)
    {
        double total = 0;
        foreach (var place in sumPlaces)
            total += sums[place];
        return total;
    }

    private static nint Blocks(nint count) => (count + Block - 1) / Block;

    private nint FirstBlock(nint count, int rank) => (nint)((long)Blocks(count) * rank / Ranks);

    private IEnumerable<(nint First, int Place)> PlacesOf(int rank)
    {
        var place = rank * MostSums;
        for (var range = 0; range < ranges.Length; range++)
        {
            for (var sum = 0; sum < Sums(range, rank); sum++)
                yield return (First(range, rank) + ((nint)sum * Block), place++);
        }
    }
}
