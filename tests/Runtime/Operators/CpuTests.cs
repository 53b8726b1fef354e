using GptGen.Reference;
using Xunit;

namespace GptGen.Runtime.Tests.Operators;

/// <summary>The CPU's operators, which give the same bits with one thread, two and three.</summary>
public class CpuTests : OperatorTests
{
    private protected override void Verify(Func<Device, TestMemory, Location[]> run)
    {
        var expected = Run(new ReferenceDevice(), run);
        var single = Run(new CpuDevice(1), run);
        for (var output = 0; output < expected.Length; output++)
            GradientCheck.Near(expected[output], single[output]);
        for (var threads = 2; threads <= 3; threads++)
        {
            var several = Run(new CpuDevice(threads), run);
            for (var output = 0; output < expected.Length; output++)
                Assert.True(single[output].AsSpan().SequenceEqual(several[output]), $"Output {output} has other bits with {threads} threads.");
        }
    }
}
