using GptGen.Distributed;
using Xunit;

namespace GptGen.Runtime.Tests.Distributed;

/// <summary>How gradients are put into buckets, and how ranks divide these.</summary>
public sealed class PartitionTests
{
    private const int Block = Partition.Block;

    /// <summary>
    /// In quarters of a block: a table, three layers' matrices, a norm outside of layers and three layers' vectors. Block 7 is layer 2's alone, block
    /// 8 has the rest of it beside what is final at the end only, and block 9 has vectors of layers 1 and 2.
    /// </summary>
    private static readonly ModelDescription s_model = Model((null, 10), (0, 8), (1, 8), (2, 8), (null, 1), (0, 1), (1, 2), (2, 3));

    [Theory]
    [InlineData(1, "2: 28-32 40-41", "1: 20-28 36-40", "0: 12-20", "-1: 0-12 32-36")]
    [InlineData(3, "1: 20-32 36-41", "-1: 0-20 32-36")]
    [InlineData(7, "0: 12-32 36-41", "-1: 0-12 32-36")]
    [InlineData(8, "-1: 0-41")]
    public void BucketsFollowTheBackwardPassAndSmallLayersGoTogether(int blocks, params string[] expected) =>
        Assert.Equal(expected, GradientBucket.Of(s_model, blocks).Select(static bucket => $"{bucket.Layer}: {string.Join(' ', bucket.Ranges.Select(
            static range => $"{range.First * 4 / Block}-{(range.First + range.Count) * 4 / Block}"))}"));

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 1)]
    [InlineData(3, 1)]
    [InlineData(4, 3)]
    [InlineData(5, 100)]
    [InlineData(16, 100)]
    public void EveryElementHasOneOwnerAndOneMoment(int ranks, int bucketBlocks)
    {
        foreach (var isEven in (bool[])[false, true])
        {
            var parts = new Partition(GradientBucket.Of(s_model, bucketBlocks), ranks, isEven);
            var owners = new int[s_model.TrainedElements];
            nint largest = 0;
            for (var rank = 0; rank < ranks; rank++)
            {
                nint moments = 0;
                for (var range = 0; range < parts.Ranges; range++)
                {
                    var (first, count) = (parts.First(range, rank), parts.Count(range, rank));
                    Assert.Equal(moments, parts.FirstMoment(range, rank));
                    Assert.True(isEven || count == 0 || first % Block == 0);
                    Assert.True(!isEven || rank == ranks - 1 || count == parts.Piece(range));
                    moments += count;
                    foreach (ref var owner in owners.AsSpan((int)first, (int)count))
                        owner++;
                }

                Assert.Equal(moments, parts.Count(rank));
                largest = Math.Max(largest, moments);
            }

            Assert.Equal(largest, parts.Largest);
            Assert.All(owners, static owner => Assert.Equal(1, owner));
            Assert.Equal(parts.Ranges, parts.FirstRange(parts.Buckets));
        }
    }

    /// <summary>A sum in another order would be rounded in another way.</summary>
    [Theory]
    [InlineData(1, 100)]
    [InlineData(3, 1)]
    [InlineData(4, 1)]
    [InlineData(16, 3)]
    public void TheNormIsSummedUpInTheOrderOfTheBlocks(int ranks, int bucketBlocks)
    {
        var parts = Partition.OfBlocks(s_model, ranks, bucketBlocks);
        // Numbers whose sum is another one in each of the orders that ranks or buckets would give.
        double[] blocks = [.. Enumerable.Range(2, 11).Select(static number => Math.Sqrt(number))];
        var sums = new double[ranks * parts.MostSums];
        for (var rank = 0; rank < ranks; rank++)
        {
            var next = rank * parts.MostSums;
            for (var range = 0; range < parts.Ranges; range++)
            {
                for (var sum = 0; sum < parts.Sums(range, rank); sum++)
                    sums[next++] = blocks[(parts.First(range, rank) / Block) + sum];
            }
        }

        double expected = 0;
        foreach (var block in blocks)
            expected += block;
        Assert.Equal(expected, parts.Add(sums));
    }

    /// <summary>Parameters one behind the other, each of a layer and of some quarters of a block.</summary>
    private static ModelDescription Model(params (int? Layer, int Quarters)[] parameters)
    {
        var list = new List<ParameterInfo>();
        var elements = 0;
        foreach (var (layer, quarters) in parameters)
        {
            // What pads a parameter is not in its count.
            list.Add(new($"{list.Count}", elements, (quarters * Block / 4) - 5, 0, StoredLayout.Linear, Initialization.Zeros, 0) { Layer = layer });
            elements += quarters * Block / 4;
        }

        list.Add(new("frozen", elements, 100, 0, StoredLayout.Linear, Initialization.Zeros, 0) { IsFrozen = true, Layer = 0 });
        list.Reverse();
        return SharedGpt.Specification with { Parameters = list, TrainedElements = elements, ParameterElements = elements + 100 };
    }
}
