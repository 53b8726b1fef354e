using GptGen.Cuda.Tests.Device;
using GptGen.Runtime.Tests.Operators;
using Xunit;

namespace GptGen.Cuda.Tests.Operators;

/// <summary>Attention on tensor cores against the reference: heads of every size that has such kernels, lengths around those of the tiles.</summary>
public class TensorAttentionTests
{
    /// <summary>Outputs and log-sum-exps, then gradients.</summary>
    private const double Forward = 1e-3, Backward = 1e-3;

    [Theory]
    [InlineData(32, AttentionMask.Causal, true, 100)]
    [InlineData(64, AttentionMask.Causal, false, 100)]
    [InlineData(64, AttentionMask.Full, true, 101)]
    [InlineData(80, AttentionMask.Causal, false, 65)]
    [InlineData(96, AttentionMask.Full, false, 65)]
    [InlineData(128, AttentionMask.Causal, true, 65)]
    public void Training(int headSize, AttentionMask mask, bool drop, int length) =>
        Compare((device, memory) => AttentionCase.Train(device, memory, headSize, mask, drop, length, [length, length / 3, 0]));

    private static void Compare(Func<GptGen.Device, TestMemory, Location[]> run)
    {
        using var machine = new TestMachine();
        OperatorComparison.VerifyNorms(
            () => machine.Open(GpuPrecision.TensorFloat32), [Forward, Forward, Backward], device => OperatorComparison.Run(device, run));
    }
}
