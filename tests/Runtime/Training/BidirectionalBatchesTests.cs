using GptGen.Checkpoints;
using GptGen.Runtime.Tests.Golden;
using GptGen.Text;
using GptGen.Training;
using Xunit;

namespace GptGen.Runtime.Tests.Training;

/// <summary>What batches of two directions take from a checkpoint.</summary>
public class BidirectionalBatchesTests
{
    [Fact]
    public void ACheckpointWithoutStatesIsRefused()
    {
        using var device = new CpuDevice(1);
        using var model = ElmoTinyTable.Create(device);
        model.Initialize(5);
        var tokens = TokenSource.FromMemory([.. Enumerable.Range(0, 64).Select(static token => token % 20)]);
        using var batches = new BidirectionalBatches(
            model, new(tokens, tokens.Slice(0, 20)), new TrainingOptions { Batch = 2, Length = 4, Steps = 9 });
        Assert.Contains(
            "holds no states", Assert.Throws<GptGenException>(() => batches.Restore(new Dictionary<string, StoredState>())).Message);
    }
}
