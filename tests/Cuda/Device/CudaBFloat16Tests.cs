using GptGen.Cuda.Driver;
using GptGen.Cuda.Tests.Operators;
using GptGen.Reference;
using GptGen.Runtime.Tests.Operators;
using Xunit;

namespace GptGen.Cuda.Tests.Device;

/// <summary>The GPU's operators in bf16 at odd sizes, where no element may be loaded together with its neighbours.</summary>
public class CudaBFloat16Tests : CudaBFloat16OperatorTests<Width15, Width7>;

/// <summary>The GPU's operators in bf16 at sizes where eight elements are loaded at once, more than a warp takes in one go.</summary>
public class CudaWideBFloat16Tests : CudaBFloat16OperatorTests<Width264, Width40>;

/// <summary>The GPU's operators in bf16, from numbers that bf16 holds, against the reference; the same bits each time.</summary>
/// <inheritdoc/>
public abstract class CudaBFloat16OperatorTests<TWidth, TOut> : OperatorTests<TWidth, TOut>
    where TWidth : struct, IDimension
    where TOut : struct, IDimension
{
    /// <summary>Of what is rounded once or twice on its way.</summary>
    private const double Limit = 4e-3;

    /// <summary>Of gradients through several roundings, one after the other.</summary>
    private const double LimitOfChains = 1e-2;

    /// <summary>Of numbers that a rounding moves over a bound, where their gradient ends.</summary>
    private const double LimitOfJumps = 2e-1;

    /// <summary>Fewer, as the emulator runs one thread after the other, but still several chunks.</summary>
    protected override int Many => 307;

    private protected override void Verify(Func<GptGen.Device, TestMemory, Location[]> run, bool jumps, string test)
    {
        var limit = jumps ? LimitOfJumps : test is nameof(Head) or nameof(LstmScan) or nameof(CharacterConvolution) ? LimitOfChains : Limit;
        using var machine = new TestMachine();
        var expected = Run(new ReferenceDevice(), run, static role => IsBFloat16(role));
        // The kernels beside cuBLASLt: FusedProductTests have what it does within products.
        var first = Run(machine.Open(GpuPrecision.BFloat16, asked: ProductFusions.None), run);
        var second = Run(machine.Open(GpuPrecision.BFloat16, asked: ProductFusions.None), run);
        for (var output = 0; output < expected.Length; output++)
        {
            var distance = OperatorComparison.RelativeNorm(expected[output], first[output]);
            Assert.True(distance <= limit, $"Output {output} of {expected.Length}: distance {distance:g3}.");
            Assert.True(first[output].AsSpan().SequenceEqual(second[output]), $"Output {output} has other bits the second time.");
        }
    }

    private static bool IsBFloat16(BufferRole role) =>
        role != BufferRole.Token && new GpuElementTypes(GpuPrecision.BFloat16).Of(role) == GpuElement.BFloat16;
}

/// <summary>A multiple of eight, and more than 32 x 8.</summary>
public readonly struct Width264 : IDimension
{
    public static int Size => 264;

    public static int Stored => 264;
}

/// <summary>A multiple of eight.</summary>
public readonly struct Width40 : IDimension
{
    public static int Size => 40;

    public static int Stored => 40;
}
