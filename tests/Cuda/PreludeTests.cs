using System.Globalization;
using GptGen.Cuda.Driver;
using GptGen.Cuda.Tests.Driver;
using Xunit;

namespace GptGen.Cuda.Tests;

/// <summary>The functions that all kernels share, against double arithmetic.</summary>
public class PreludeTests
{
    private const string Source = """
        #define FUNCTION(name)                                              \
            extern "C" __global__ void apply_##name(const float* in, float* out, int n) { \
                int i = blockIdx.x * blockDim.x + threadIdx.x;              \
                if (i < n) out[i] = name(in[i]);                            \
            }
        FUNCTION(exponential) FUNCTION(logarithm) FUNCTION(sigmoid) FUNCTION(hyperbolicTangent) FUNCTION(normalCdf)

        extern "C" __global__ void __launch_bounds__(96) reduce(const float* in, float* out) {
            __shared__ float sums[3], largest[3];
            float value = in[threadIdx.x];
            float total = blockSum<96>(value, sums), most = blockMaximum<96>(value, largest);
            out[threadIdx.x * 4] = total;
            out[threadIdx.x * 4 + 1] = most;
            out[threadIdx.x * 4 + 2] = warpSum<8>(value);
            out[threadIdx.x * 4 + 3] = warpMaximum(value);
        }

        extern "C" __global__ void narrow(const float* in, bf16* out) { store4(out + 4 * threadIdx.x, load4(in + 4 * threadIdx.x)); }
        extern "C" __global__ void widen(const bf16* in, float* out) { store4(out + 4 * threadIdx.x, load4(in + 4 * threadIdx.x)); }
        extern "C" __global__ void single(const float* in, bf16* out) { assign(out[threadIdx.x], in[threadIdx.x]); }
        """;

    [Theory]
    [InlineData("exponential", -87, 88, 1.2e-7, 0)]
    [InlineData("logarithm", 1e-37, 100, 1.3e-7, 1e-10)]
    [InlineData("logarithm", 0.9, 1.1, 1.3e-7, 1e-10)]
    [InlineData("sigmoid", -90, 90, 0, 1.2e-7)]
    [InlineData("hyperbolicTangent", -12, 12, 2.4e-7, 0)]
    [InlineData("hyperbolicTangent", -1e-3, 1e-3, 2.4e-7, 0)]
    [InlineData("normalCdf", -10, 10, 5e-6, 1e-7)]
    public void A_function_keeps_its_promised_digits(string name, double from, double to, double relative, double absolute)
    {
        const int Count = 20_000;
        var input = Enumerable.Range(0, Count).Select(i => (float)(from + (to - from) * i / (Count - 1))).ToArray();
        var result = Apply(name, input);
        for (var i = 0; i < Count; i++)
        {
            var expected = Exact(name, input[i]);
            Assert.True(
                Math.Abs(result[i] - expected) <= absolute + relative * Math.Abs(expected),
                string.Create(CultureInfo.InvariantCulture, $"{name}({input[i]:R}) = {result[i]:R}, exact {expected:R}"));
        }
    }

    [Fact]
    public void Functions_keep_to_the_rules_at_the_edges()
    {
        Assert.Equal(
            [0f, float.PositiveInfinity, float.NaN, 0f, 1f],
            Apply("exponential", [float.NegativeInfinity, float.PositiveInfinity, float.NaN, -200, 0]));
        Assert.Equal(
            [float.NegativeInfinity, float.PositiveInfinity, float.NaN, float.NaN, 0f],
            Apply("logarithm", [0, float.PositiveInfinity, float.NaN, -1, 1]));
        Assert.Equal([0f, 1f, 0.5f], Apply("sigmoid", [float.NegativeInfinity, float.PositiveInfinity, 0]));
        Assert.Equal([-1f, 1f, 0f], Apply("hyperbolicTangent", [float.NegativeInfinity, float.PositiveInfinity, 0]));
    }

    [Theory]
    [InlineData("0")]
    [InlineData("1")]
    public void Reductions_cover_the_block_the_group_and_the_warp(string check)
    {
        using var gpu = new TestGpu(("CHECK", check));
        var input = Enumerable.Range(0, 96).Select(i => (float)(i * 29 % 97) - 40).ToArray();
        using var x = gpu.Upload(input);
        using var output = gpu.Upload(new float[4 * 96]);
        using var module = Load(gpu, "reduce");
        gpu.Stream.Launch(module.Kernel("reduce"), 1, 96, 0, x.Address, output.Address);
        var result = gpu.Download(output);
        TestTarget.AssertNothingReported();
        for (var i = 0; i < 96; i++)
        {
            Assert.Equal(input.Sum(), result[i * 4]);
            Assert.Equal(input.Max(), result[i * 4 + 1]);
            Assert.Equal(input[(i / 8 * 8)..(i / 8 * 8 + 8)].Sum(), result[i * 4 + 2]);
            Assert.Equal(input[(i / 32 * 32)..(i / 32 * 32 + 32)].Max(), result[i * 4 + 3]);
        }
    }

    [Fact]
    public void Bf16_rounds_to_the_nearest_even_and_keeps_nan()
    {
        using var gpu = new TestGpu();
        float[] input = [1, -2.5f, 1.001953125f, 1.00390625f, 1.01171875f, 3.4e38f, float.NaN, float.NegativeInfinity];
        ushort[] expected = [0x3F80, 0xC020, 0x3F80, 0x3F80, 0x3F82, 0x7F80, 0x7FC0, 0xFF80];
        using var x = gpu.Upload(input);
        using var four = gpu.UploadSpan<ushort>(new ushort[8]);
        using var one = gpu.UploadSpan<ushort>(new ushort[8]);
        using var back = gpu.Upload(new float[8]);
        using var module = Load(gpu, "narrow", "single", "widen");
        gpu.Stream.Launch(module.Kernel("narrow"), 1, 2, 0, x.Address, four.Address);
        gpu.Stream.Launch(module.Kernel("single"), 1, 8, 0, x.Address, one.Address);
        gpu.Stream.Launch(module.Kernel("widen"), 1, 2, 0, four.Address, back.Address);
        var bits = gpu.Download<ushort>(four);
        Assert.True(float.IsNaN(Widen(bits[6])));
        bits[6] = 0x7FC0;
        Assert.Equal(expected, bits);
        Assert.Equal(gpu.Download<ushort>(four), gpu.Download<ushort>(one));
        Assert.Equal(gpu.Download<ushort>(four).Select(Widen), gpu.Download(back));
    }

    private static float Widen(ushort bits) => BitConverter.UInt32BitsToSingle((uint)bits << 16);

    private static GpuModule Load(TestGpu gpu, params string[] kernels) => gpu.Load(SharedSources.Text("prelude.cuh") + Source, kernels);

    private static float[] Apply(string function, float[] input)
    {
        using var gpu = new TestGpu();
        using var x = gpu.Upload(input);
        using var output = gpu.Upload(new float[input.Length]);
        using var module = Load(gpu, "apply_" + function);
        gpu.Stream.Launch(module.Kernel("apply_" + function), GridSize.Covering(input.Length, 256), 256, 0, x.Address, output.Address, input.Length);
        return gpu.Download(output);
    }

    private static double Exact(string name, double x) => name switch
    {
        "exponential" => Math.Exp(x),
        "logarithm" => Math.Log(x),
        "sigmoid" => 1 / (1 + Math.Exp(-x)),
        "hyperbolicTangent" => Math.Tanh(x),
        "normalCdf" => NormalCdf(x),
        _ => throw new ArgumentOutOfRangeException(nameof(name)),
    };

    /// <summary>Half the complementary error function, by its series near zero and by its continued fraction in the tails.</summary>
    private static double NormalCdf(double x)
    {
        var z = Math.Abs(x);
        var density = Math.Exp(-z * z / 2) / Math.Sqrt(2 * Math.PI);
        double tail;
        if (z < 3)
        {
            double term = z, sum = z;
            for (var i = 1; i < 100; i++)
            {
                term *= z * z / (2 * i + 1);
                sum += term;
            }

            tail = 0.5 - density * sum;
        }
        else
        {
            var fraction = z;
            for (var i = 100; i > 0; i--)
                fraction = z + i / fraction;
            tail = density / fraction;
        }

        return x > 0 ? 1 - tail : tail;
    }
}
