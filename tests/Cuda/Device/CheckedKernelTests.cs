using GptGen.Runtime.Tests.Operators;
using Xunit;

namespace GptGen.Cuda.Tests.Device;

/// <summary>Every access of the kernels at odd sizes: no races, nothing read before it is written, nothing outside an allocation.</summary>
public class CheckedKernelTests : CheckedOperatorTests<Width15, Width7>;

/// <summary>The same where four elements are loaded at once.</summary>
public class CheckedWideKernelTests : CheckedOperatorTests<Width148, Width36>;

/// <summary>The same in bf16, at odd sizes and where eight elements are loaded at once.</summary>
public class CheckedBFloat16KernelTests : CheckedOperatorTests<Width264, Width7>
{
    private protected override GpuPrecision Precision => GpuPrecision.BFloat16;
}

/// <summary>Every access of the kernels, watched.</summary>
/// <inheritdoc/>
public abstract class CheckedOperatorTests<TWidth, TOut> : OperatorTests<TWidth, TOut>
    where TWidth : struct, IDimension
    where TOut : struct, IDimension
{
    /// <summary>More than one chunk of rows.</summary>
    protected override int Many => 37;

    private protected virtual GpuPrecision Precision => GpuPrecision.Float32;

    private protected override void Verify(Func<GptGen.Device, TestMemory, Location[]> run, bool jumps, string test)
    {
        using var machine = new TestMachine(("CHECK", "1"));
        // The kernels beside cuBLASLt: FusedProductTests have what it does within products.
        Run(machine.Open(Precision, asked: ProductFusions.None), run);
        TestTarget.AssertNothingReported();
    }
}
