using GptGen.Text;
using Xunit;

namespace GptGen.Runtime.Tests.Text;

public class BatchTests
{
    [Fact]
    public void TheSplitKeepsTheRecipesNumbers()
    {
        using var dataset = TokenDataset.Split(TokenSource.FromMemory(new int[1_115_394]));
        Assert.Equal((1_003_854, 111_540), (dataset.Training.Count, dataset.Validation.Count));
        Assert.Throws<GptGenException>(() => TokenDataset.Split(TokenSource.FromMemory(new int[10]), 1));
        Assert.Throws<GptGenException>(() => TokenDataset.Split(TokenSource.FromMemory(new int[10]), double.NaN));
    }

    [Fact]
    public void PartsAndChainsReadLikeOneSequence()
    {
        int[] tokens = [.. Enumerable.Range(0, 100)];
        using var whole = TokenSource.Concatenate(
            TokenSource.FromMemory(tokens[..10]), TokenSource.FromMemory([]), TokenSource.FromMemory(tokens[10..11]),
            TokenSource.FromMemory(tokens[11..]));
        var part = whole.Slice(5, 90).Slice(2, 80);
        Assert.Equal((100, 80), (whole.Count, part.Count));
        for (var start = 0; start < 80; start += 3)
        {
            var read = new int[Math.Min(17, 80 - start)];
            part.Read(start, read);
            Assert.Equal(tokens[(7 + start)..(7 + start + read.Length)], read);
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => part.Read(79, new int[2]));
        Assert.Throws<ArgumentOutOfRangeException>(() => whole.Slice(90, 11));
    }

    [Fact]
    public void RandomWindowsAreConsecutiveReachBothEndsAndRepeatExactly()
    {
        const int Length = 4;
        var tokens = TokenSource.FromMemory([.. Enumerable.Range(0, 20)]);
        var batches = new RandomBatches(tokens, Length, seed: 1);
        var (inputs, targets) = (new int[8 * Length], new int[8 * Length]);
        var starts = new int[20 - Length];
        for (uint step = 0; step < 500; step++)
        {
            batches.Fill(step, 0, inputs, targets);
            for (var row = 0; row < 8; row++)
            {
                var start = inputs[row * Length];
                starts[start]++;
                Assert.Equal(Enumerable.Range(start, Length), inputs[(row * Length)..((row + 1) * Length)]);
                Assert.Equal(Enumerable.Range(start + 1, Length), targets[(row * Length)..((row + 1) * Length)]);
            }
        }

        // 4,000 windows over 16 places: 250 each, with a deviation of about 15.
        Assert.All(starts, count => Assert.InRange(count, 185, 315));

        var again = new int[inputs.Length];
        new RandomBatches(tokens, Length, seed: 1).Fill(499, 0, again, targets);
        Assert.Equal(inputs, again);
        new RandomBatches(tokens, Length, seed: 2).Fill(499, 0, again, targets);
        Assert.NotEqual(inputs, again);
        batches.Fill(499, 1, again, targets);
        Assert.NotEqual(inputs, again);
    }

    [Fact]
    public void TheShortestPossibleTextHasOneWindow()
    {
        var (inputs, targets) = (new int[3], new int[3]);
        new RandomBatches(TokenSource.FromMemory([5, 6, 7, 8]), 3, 0).Fill(0, 0, inputs, targets);
        Assert.Equal([5, 6, 7], inputs);
        Assert.Equal([6, 7, 8], targets);
        var error = Assert.Throws<GptGenException>(() => new RandomBatches(TokenSource.FromMemory([5, 6, 7]), 3, 0));
        Assert.Contains("3 tokens", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void SequentialWindowsPredictEveryTokenOnce()
    {
        for (var count = 2; count < 40; count++)
        {
            var batches = new SequentialBatches(TokenSource.FromMemory([.. Enumerable.Range(0, count)]), batch: 3, length: 4);
            var (inputs, targets, lengths) = (new int[12], new int[12], new int[3]);
            var predicted = new List<int>();
            for (var index = 0L; index < batches.Count; index++)
            {
                var filled = batches.Fill(index, inputs, targets, lengths);
                Assert.Equal(filled, lengths.Count(length => length > 0));
                for (var position = 0; position < 12; position++)
                {
                    var real = position % 4 < lengths[position / 4];
                    Assert.Equal(real ? inputs[position] + 1 : TokenWindow.Ignored, targets[position]);
                    if (real)
                        predicted.Add(targets[position]);
                }
            }

            Assert.Equal(Enumerable.Range(1, count - 1), predicted);
            Assert.Equal(count - 1, batches.PredictionCount);
        }

        Assert.Throws<GptGenException>(() => new SequentialBatches(TokenSource.FromMemory([1]), 1, 1));
    }

    [Fact]
    public void BatchesAllocateNothing()
    {
        using var folder = new TemporaryFolder();
        TokenFile.Write(folder.File("a.bin"), new int[10_000], TokenFileFormat.NanoGpt);
        using var file = TokenFile.Open(folder.File("a.bin"), 10);
        var random = new RandomBatches(file, 64, 0);
        var sequential = new SequentialBatches(TokenSource.Concatenate(file, file).Slice(1, 15_000), 4, 64);
        var (inputs, targets, lengths) = (new int[256], new int[256], new int[4]);

        void Run(int rounds)
        {
            for (uint step = 0; step < rounds; step++)
            {
                random.Fill(step, 0, inputs, targets);
                sequential.Fill(step, inputs, targets, lengths);
            }
        }

        Run(2);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Run(50);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
