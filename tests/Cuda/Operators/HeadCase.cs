using GptGen.Runtime.Tests.Operators;

namespace GptGen.Cuda.Tests.Operators;

/// <summary>The head over some rows in chunks, on any device.</summary>
internal static class HeadCase
{
    private const int Width = 15;

    /// <summary>Losses with and without gradients, gradients, and logits; of these and of the table's gradients only what counts.</summary>
    public static Location[] Run<TVocabulary>(
        GptGen.Device device, TestMemory memory, GradientWrite write, bool withBias = false, float smoothing = 0, int rows = 7, int chunk = 3)
        where TVocabulary : struct, IDimension
    {
        var (vocabulary, stride) = (TVocabulary.Size, TVocabulary.Stored);
        var x = memory.Rows<Width15>(TestMemory.Random(1, rows * Width));
        var weight = memory.Matrix<TVocabulary, Width15>(Array.ConvertAll(TestMemory.Random(2, stride * Width), value => 2 * value));
        var bias = withBias ? memory.Vector<TVocabulary>(TestMemory.Random(10, stride)) : default;
        var dBias = withBias ? memory.Vector<TVocabulary>(TestMemory.Random(11, stride), BufferRole.Gradient) : default;
        // The first and the last token, a row without a target, and all in between.
        int[] some = [0, vocabulary - 1, GptGen.Device.IgnoredTarget, 4, vocabulary / 2, GptGen.Device.IgnoredTarget, vocabulary - 2];
        var targets = memory.Integers([.. Enumerable.Range(0, rows).Select(row => some[row % some.Length])]);
        var weights = memory.Statistics(TestMemory.Random(3, rows));
        var logits = memory.Rows<TVocabulary>(TestMemory.Random(4, chunk * stride), BufferRole.Workspace);
        var (losses, lossesAlone) = (memory.Statistics(TestMemory.Random(5, rows)), memory.Statistics(TestMemory.Random(6, rows)));
        var dx = memory.Rows<Width15>(TestMemory.Random(7, rows * Width));
        var dWeight = memory.Matrix<TVocabulary, Width15>(TestMemory.Random(8, stride * Width), BufferRole.Gradient);
        var allLogits = memory.Rows<TVocabulary>(TestMemory.Random(9, rows * stride), BufferRole.Logit);
        device.HeadLoss(x, weight, bias, targets, logits, lossesAlone, smoothing);
        device.HeadLossBackward(x, weight, bias, targets, weights, logits, losses, dx, dWeight, dBias, write, smoothing);
        device.HeadLogits(x, weight, bias, allLogits);
        var counted = TestMemory.Read(allLogits.Start).Where((_, element) => element % stride < vocabulary);
        Location[] all = [losses.Start, lossesAlone.Start, dx.Start, dWeight.Start, memory.Numbers([.. counted], BufferRole.Logit)];
        return withBias ? [.. all, dBias.Start] : all;
    }
}
