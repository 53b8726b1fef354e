using GptGen.Reference;
using Xunit;

namespace GptGen.Runtime.Tests.Operators;

/// <summary>The CPU's operators at odd sizes.</summary>
public class CpuTests : CpuOperatorTests<Width15, Width7>
{
    /// <inheritdoc/>
    protected override double Tolerance => 1e-5;
}

/// <summary>The CPU's operators where every vector is whole.</summary>
public class CpuWideTests : CpuOperatorTests<Width148, Width36>;

/// <summary>The CPU's operators, which give the same bits with one thread, two and three.</summary>
/// <inheritdoc/>
public abstract class CpuOperatorTests<TWidth, TOut> : OperatorTests<TWidth, TOut>
    where TWidth : struct, IDimension
    where TOut : struct, IDimension
{
    private protected override void Verify(Func<Device, TestMemory, Location[]> run, bool jumps, string test)
    {
        var expected = Run(new ReferenceDevice(), run);
        var single = Run(new CpuDevice(1), run);
        for (var output = 0; output < expected.Length; output++)
            GradientCheck.Near(expected[output], single[output], Tolerance);
        for (var threads = 2; threads <= 3; threads++)
        {
            var several = Run(new CpuDevice(threads), run);
            for (var output = 0; output < expected.Length; output++)
                Assert.True(single[output].AsSpan().SequenceEqual(several[output]), $"Output {output} has other bits with {threads} threads.");
        }
    }
}
