using GptGen.Cpu;
using GptGen.Runtime.Tests.Cpu;
using Xunit;

namespace GptGen.Runtime.Tests.Operators;

/// <summary>The functions that are not piecewise and their slopes, over all that f32 can hold, against double arithmetic.</summary>
public class ActivationRangeTests
{
    /// <summary>What of the exact result may be wrong; below the normal numbers, and 90 times that, results may be zero.</summary>
    private const double Relative = 5e-7, Absolute = 2e-36;

    [Theory]
    [MemberData(nameof(Levels.Available), MemberType = typeof(Levels))]
    public void TanhIsRightEverywhere(string level) =>
        Verify(level, Activation.Tanh, Math.Tanh, static x => 1 / (Math.Cosh(x) * Math.Cosh(x)));

    [Theory]
    [MemberData(nameof(Levels.Available), MemberType = typeof(Levels))]
    public void SiluIsRightEverywhere(string level) =>
        Verify(level, Activation.Silu, static x => x / (1 + Math.Exp(-x)), static x => (1 + x / (1 + Math.Exp(x))) / (1 + Math.Exp(-x)));

    private static void Verify(string level, Activation activation, Func<double, double> value, Func<double, double> slope)
    {
        var inputs = Inputs();
        using var device = new CpuDevice(1, Levels.Parse(level));
        using var memory = new TestMemory(device);
        var (x, y) = (memory.Rows<Width1>(inputs), memory.Rows<Width1>(new double[inputs.Length]));
        var gradient = memory.Rows<Width1>([.. Enumerable.Repeat(1.0, inputs.Length)]);
        device.Activate(activation, x, y);
        device.ActivateBackward(activation, x, gradient, gradient);
        var (values, slopes) = (TestMemory.Read(y.Start), TestMemory.Read(gradient.Start));
        for (var i = 0; i < inputs.Length; i++)
        {
            // Near its only zero the slope of SiLU is a difference of numbers up to 1.
            Near(value(inputs[i]), values[i], 0, inputs[i]);
            Near(slope(inputs[i]), slopes[i], activation == Activation.Silu ? 1.2e-7 : 0, inputs[i]);
        }
    }

    private static void Near(double expected, double actual, double absolute, double x) =>
        Assert.True(
            Math.Abs(actual - expected) <= Relative * Math.Abs(expected) + absolute + Absolute, $"At {x:R}: {actual:R}, but {expected:R} is right.");

    /// <summary>A fine grid where the functions bend, then every magnitude of both signs, and the ends.</summary>
    private static double[] Inputs()
    {
        List<float> inputs = [0, float.Epsilon, -float.Epsilon, float.MaxValue, float.MinValue];
        for (var x = -100f; x < 100f; x += 0.0137f)
            inputs.Add(x);
        for (var x = 1e-38f; x < 1e38f; x *= 1.7f)
            inputs.AddRange([x, -x]);
        return [.. inputs];
    }
}
