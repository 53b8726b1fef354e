using GptGen.Reference;
using GptGen.Runtime.Tests.Operators;
using Xunit;

namespace GptGen.Cuda.Tests.Operators;

/// <summary>Holds a device to the reference by the distances that operators may have in f32.</summary>
internal static class OperatorComparison
{
    private const double Largest = 1e-5;

    /// <summary>
    /// Runs operators on the reference and twice on a device, and compares what is left at the places that <paramref name="run"/> returns.
    /// </summary>
    public static void Verify(Func<GptGen.Device> open, Func<GptGen.Device, TestMemory, Location[]> run) => Verify(open, device => Run(device, run));

    /// <summary>The same for what reads its results itself; the device is disposed of.</summary>
    public static void Verify(Func<GptGen.Device> open, Func<GptGen.Device, double[][]> run)
    {
        var expected = RunAndDispose(new ReferenceDevice(), run);
        var first = RunAndDispose(open(), run);
        var second = RunAndDispose(open(), run);
        for (var output = 0; output < expected.Length; output++)
        {
            Assert.True(
                Distance(expected[output], first[output]) is var (distance, worst) && distance <= Largest,
                $"Output {output}: distance {distance:g3}, worst at {worst}.");
            Assert.True(first[output].AsSpan().SequenceEqual(second[output]), $"Output {output} has other bits the second time.");
        }
    }

    /// <summary>
    /// The same for numbers that are rounded on the way, each output by the norm: of at most what <paramref name="limits"/> says.
    /// </summary>
    public static void VerifyNorms(Func<GptGen.Device> open, double[] limits, Func<GptGen.Device, double[][]> run)
    {
        var expected = RunAndDispose(new ReferenceDevice(), run);
        var first = RunAndDispose(open(), run);
        var second = RunAndDispose(open(), run);
        Assert.Equal(expected.Length, limits.Length);
        for (var output = 0; output < expected.Length; output++)
        {
            var distance = RelativeNorm(expected[output], first[output]);
            Assert.True(distance <= limits[output], $"Output {output}: distance {distance:g3} of at most {limits[output]}.");
            Assert.True(first[output].AsSpan().SequenceEqual(second[output]), $"Output {output} has other bits the second time.");
        }
    }

    /// <summary>|a - b| / |a|, infinite where a number is none.</summary>
    public static double RelativeNorm(double[] expected, double[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        var (difference, whole) = (0.0, 0.0);
        for (var i = 0; i < expected.Length; i++)
        {
            difference += double.IsFinite(actual[i]) ? Math.Pow(expected[i] - actual[i], 2) : double.PositiveInfinity;
            whole += expected[i] * expected[i];
        }

        return whole == 0 ? Math.Sqrt(difference) : Math.Sqrt(difference / whole);
    }

    /// <summary>max|a - b| / max|a|, infinite where a number is none, and where it is.</summary>
    public static (double Distance, int Worst) Distance(double[] expected, double[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        var (largest, distance, worst) = (0.0, 0.0, 0);
        for (var i = 0; i < expected.Length; i++)
        {
            largest = Math.Max(largest, Math.Abs(expected[i]));
            var difference = double.IsFinite(actual[i]) ? Math.Abs(expected[i] - actual[i]) : double.PositiveInfinity;
            if (difference > distance)
                (distance, worst) = (difference, i);
        }

        return (largest == 0 ? distance : distance / largest, worst);
    }

    /// <summary>What a device leaves at the places; the device is disposed of.</summary>
    public static double[][] Run(
        GptGen.Device device, Func<GptGen.Device, TestMemory, Location[]> run, Func<BufferRole, bool>? isBFloat16 = null)
    {
        using (device)
        using (var memory = new TestMemory(device, isBFloat16))
            return Array.ConvertAll(run(device, memory), TestMemory.Read);
    }

    private static double[][] RunAndDispose(GptGen.Device device, Func<GptGen.Device, double[][]> run)
    {
        using (device)
            return run(device);
    }
}
