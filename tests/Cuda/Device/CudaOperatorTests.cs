using GptGen.Reference;
using GptGen.Runtime.Tests.Operators;
using Xunit;

namespace GptGen.Cuda.Tests.Device;

/// <summary>The GPU's operators at odd sizes, where no element may be loaded together with its neighbours.</summary>
public class CudaTests : CudaOperatorTests<Width15, Width7>;

/// <summary>The GPU's operators at sizes where four elements are loaded at once.</summary>
public class CudaWideTests : CudaOperatorTests<Width148, Width36>;

/// <summary>The GPU's operators, which give the same bits each time.</summary>
/// <inheritdoc/>
public abstract class CudaOperatorTests<TWidth, TOut> : OperatorTests<TWidth, TOut>
    where TWidth : struct, IDimension
    where TOut : struct, IDimension
{
    /// <summary>Fewer, as the emulator runs one thread after the other, but still several chunks.</summary>
    protected override int Many => 613;

    private protected override void Verify(Func<GptGen.Device, TestMemory, Location[]> run, bool jumps, string test)
    {
        using var machine = new TestMachine();
        var expected = Run(new ReferenceDevice(), run);
        // The kernels beside cuBLASLt: FusedProductTests have what it does within products.
        var first = Run(machine.Open(asked: ProductFusions.None), run);
        var second = Run(machine.Open(asked: ProductFusions.None), run);
        for (var output = 0; output < expected.Length; output++)
        {
            GradientCheck.Near(expected[output], first[output], Tolerance);
            Assert.True(first[output].AsSpan().SequenceEqual(second[output]), $"Output {output} has other bits the second time.");
        }
    }
}
