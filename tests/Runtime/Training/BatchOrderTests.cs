using GptGen.RandomNumbers;
using GptGen.Training;
using Xunit;

namespace GptGen.Runtime.Tests.Training;

public class BatchOrderTests
{
    private static readonly int[] s_lengths = [.. Enumerable.Range(0, 103).Select(static index => (index * 37 % 50) + 1)];

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(103)]
    [InlineData(1000)]
    public void AnEpochHasEveryExampleOnceInTheOrderThatItsDefinitionSays(int batch)
    {
        var order = new BatchOrder(s_lengths, batch, seed: 5);
        Assert.Equal((s_lengths.Length + batch - 1) / batch, order.BatchesOfEpoch);
        for (var epoch = 0; epoch < 3; epoch++)
        {
            var batches = Enumerable.Range(epoch * order.BatchesOfEpoch, order.BatchesOfEpoch).Select(index => order.Batch(index).ToArray()).ToList();
            Assert.Equal(Defined(batch, 5, epoch), batches);
            Assert.Equal(Enumerable.Range(0, s_lengths.Length), batches.SelectMany(static indexes => indexes).Order());
        }
    }

    [Fact]
    public void AnyBatchCanBeAskedForAtAnyTime()
    {
        var order = new BatchOrder(s_lengths, 4, seed: 5);
        var later = order.Batch(40).ToArray();
        var first = order.Batch(0).ToArray();
        Assert.Equal(later, new BatchOrder(s_lengths, 4, seed: 5).Batch(40).ToArray());
        Assert.Equal(first, order.Batch(0).ToArray());
        Assert.NotEqual(first, new BatchOrder(s_lengths, 4, seed: 6).Batch(0).ToArray());
    }

    [Fact]
    public void LittleIsPadding()
    {
        var order = new BatchOrder(s_lengths, 4, seed: 5);
        var rows = Enumerable.Range(0, order.BatchesOfEpoch).Sum(index =>
        {
            var lengths = order.Batch(index).ToArray().Select(static example => s_lengths[example]).ToList();
            return lengths.Max() * lengths.Count;
        });
        Assert.InRange(rows, s_lengths.Sum(), 1.15 * s_lengths.Sum());
    }

    [Fact]
    public void NothingIsAllocatedOnTheWay()
    {
        var order = new BatchOrder(s_lengths, 4, seed: 5);
        order.Batch(0);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var index = 0; index < 4 * order.BatchesOfEpoch; index++)
            order.Batch(index);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private static List<int[]> Defined(int batch, uint seed, int epoch)
    {
        int[] Shuffled(int count, int purpose)
        {
            var words = new uint[count];
            RandomStream.Batches(seed, (uint)epoch, purpose).Fill(0, words);
            return [.. Enumerable.Range(0, count).OrderBy(index => words[index]).ThenBy(static index => index)];
        }

        var batches = Shuffled(s_lengths.Length, 0).Chunk(16 * batch)
            .SelectMany(part => part.OrderBy(static index => s_lengths[index]).ThenBy(static index => index).Chunk(batch)).ToList();
        return [.. Shuffled(batches.Count, 1).Select(index => batches[index])];
    }
}
