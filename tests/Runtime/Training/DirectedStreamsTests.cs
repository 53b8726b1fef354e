using GptGen.Text;
using Xunit;

namespace GptGen.Runtime.Tests.Training;

/// <summary>Streams that are read from their ends.</summary>
public class DirectedStreamsTests
{
    [Theory]
    [InlineData(23, 3, 4)]
    [InlineData(24, 3, 4)]
    [InlineData(25, 3, 4)]
    [InlineData(5, 4, 3)]
    [InlineData(100, 1, 7)]
    public void EveryTokenButTheLastIsPredictedOnceFromTheOneBehindIt(int count, int streams, int length)
    {
        var batches = new StreamBatches(TokenSource.FromMemory([.. Enumerable.Range(0, count)]), streams, length);
        var predicted = new List<int>();
        var previous = Enumerable.Repeat(int.MaxValue, streams).ToArray();
        for (long segment = 0; segment < batches.SegmentCount; segment++)
        {
            var width = batches.LengthOf(segment);
            var (inputs, targets) = (new int[streams * width], new int[streams * width]);
            var (forward, forwardTargets) = (new int[streams * width], new int[streams * width]);
            batches.FillBackward(segment, 0, inputs, targets);
            batches.Fill(segment, 0, forward, forwardTargets);
            for (var row = 0; row < inputs.Length; row++)
            {
                // Both directions have as many rows that count.
                Assert.Equal(forwardTargets[row] == TokenWindow.Ignored, targets[row] == TokenWindow.Ignored);
                if (targets[row] == TokenWindow.Ignored)
                    continue;
                Assert.Equal(targets[row] + 1, inputs[row]);
                predicted.Add(targets[row]);
            }

            // Each segment ends where the one before began.
            for (var stream = 0; stream < streams; stream++)
            {
                var counted = targets.AsSpan(stream * width, width).ToArray().Where(static target => target != TokenWindow.Ignored).ToList();
                if (counted.Count == 0)
                    continue;
                Assert.True(previous[stream] == int.MaxValue || counted[^1] + 1 == previous[stream]);
                previous[stream] = counted[0];
            }
        }

        Assert.Equal(Enumerable.Range(0, count - 1), predicted.Order());
    }
}
