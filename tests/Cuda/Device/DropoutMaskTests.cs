using GptGen.Runtime.Tests.Operators;
using Xunit;

namespace GptGen.Cuda.Tests.Device;

/// <summary>The GPU drops exactly the elements that the CPU drops.</summary>
public class DropoutMaskTests
{
    [Theory]
    [InlineData(0.1f)]
    [InlineData(0.5f)]
    [InlineData(0.999f)]
    public void Masks_have_the_same_bits_at_odd_sizes(float rate) => Compare<Width15>(rate);

    [Theory]
    [InlineData(0.1f)]
    [InlineData(0.5f)]
    [InlineData(0.999f)]
    public void Masks_have_the_same_bits_four_at_a_time(float rate) => Compare<Width148>(rate);

    private static void Compare<TWidth>(float rate)
        where TWidth : struct, IDimension
    {
        using var machine = new TestMachine();
        using var gpu = machine.Open();
        using var cpu = new CpuDevice(1);
        for (var layer = 0; layer < 3; layer++)
        {
            var site = new Dropout(rate, 0xFEDCBA98, 4_000_000_000, 77).Site(layer, 5 - layer);
            Assert.Equal(Draw<TWidth>(cpu, site), Draw<TWidth>(gpu, site));
        }
    }

    private static double[] Draw<TWidth>(GptGen.Device device, DropoutSite site)
        where TWidth : struct, IDimension
    {
        const int Rows = 31;
        using var memory = new TestMemory(device);
        var values = memory.Rows<TWidth>([.. Enumerable.Repeat(1.0, Rows * TWidth.Size)]);
        var dropped = memory.Rows<TWidth>(new double[Rows * TWidth.Size]);
        return TestMemory.Read(device.DropoutBackward(values, site, dropped).Start);
    }
}
