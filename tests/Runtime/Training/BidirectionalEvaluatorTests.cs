using GptGen.Runtime.Tests.Golden;
using GptGen.Text;
using GptGen.Training;
using Xunit;

namespace GptGen.Runtime.Tests.Training;

/// <summary>What counts of the two directions' predictions.</summary>
public class BidirectionalEvaluatorTests
{
    /// <summary>Two sentences: each direction predicts what stands within, and the mark where it leaves.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void EachDirectionLeavesOutAMarkOfItsOwn(int batch)
    {
        const int Begin = 0;
        const int End = 1;
        int[] tokens = [Begin, 7, 8, 9, End, Begin, 10, End];
        using var device = new CpuDevice(1);
        using var model = ElmoTinyTable.Create(device);
        model.Initialize(5);
        using var graph = model.CreateTraining(batch, 4);
        var all = Evaluate(null, null);
        var (forward, backward, both) = (Evaluate(Begin, null), Evaluate(null, End), Evaluate(Begin, End));
        Assert.Equal((7, 7), (all.Forward.Count, all.Backward.Count));
        Assert.Equal((6, 6), (both.Forward.Count, both.Backward.Count));
        Assert.Equal((forward.Forward, all.Backward), (both.Forward, forward.Backward));
        Assert.Equal((all.Forward, backward.Backward), (backward.Forward, both.Backward));
        Assert.True(both.Forward.LogLikelihood > all.Forward.LogLikelihood && both.Backward.LogLikelihood > all.Backward.LogLikelihood);

        DirectedPredictions Evaluate(int? unscored, int? unscoredBackward) =>
            new BidirectionalEvaluator(graph, TokenSource.FromMemory(tokens), batch, 4)
                .Evaluate(unscored, unscoredBackward, TestContext.Current.CancellationToken).Last();
    }
}
