using GptGen.Reference;
using Xunit;

namespace GptGen.Runtime.Tests.Operators;

/// <summary>
/// Holds a backward method on the reference device to central differences of a random linear functional of the outputs, and the CPU, with one
/// thread and with two, to the reference.
/// </summary>
internal static class GradientCheck
{
    private const double Step = 1e-5;
    private const double Tolerance = 1e-6;

    /// <param name="inputs">Everything that has a gradient.</param>
    /// <param name="forward">The outputs.</param>
    /// <param name="backward">The gradients of the inputs for the outputs' gradient; they begin as 0.25 everywhere.</param>
    /// <param name="write">Whether the backward method adds, so that the 0.25 remain.</param>
    public static void Verify(
        double[][] inputs, Func<Device, TestMemory, double[][], double[]> forward,
        Func<Device, TestMemory, double[][], double[], double[][], double[][]> backward, GradientWrite write = GradientWrite.Write)
    {
        using var device = new ReferenceDevice();
        using var memory = new TestMemory(device);
        var functional = TestMemory.Random(99, forward(device, memory, inputs).Length);
        var begun = Array.ConvertAll(inputs, input => Enumerable.Repeat(0.25, input.Length).ToArray());
        var gradients = backward(device, memory, inputs, functional, begun);
        Compare(1);
        Compare(2);
        for (var input = 0; input < inputs.Length; input++)
        {
            for (var i = 0; i < inputs[input].Length; i++)
            {
                var numeric = (Value(input, i, Step) - Value(input, i, -Step)) / (2 * Step);
                var expected = numeric + (write == GradientWrite.Add ? 0.25 : 0);
                var error = Math.Abs(gradients[input][i] - expected) / Math.Max(1, Math.Abs(expected));
                Assert.True(error <= Tolerance, $"Input {input}, element {i}: {gradients[input][i]:R}, but central differences say {expected:R}.");
            }
        }

        void Compare(int threads)
        {
            using var cpu = new CpuDevice(threads);
            using var cpuMemory = new TestMemory(cpu);
            Near(forward(device, memory, inputs), forward(cpu, cpuMemory, inputs));
            var other = backward(cpu, cpuMemory, inputs, functional, begun);
            for (var input = 0; input < inputs.Length; input++)
                Near(gradients[input], other[input]);
        }

        double Value(int input, int element, double change)
        {
            var moved = (double[][])inputs.Clone();
            moved[input] = (double[])inputs[input].Clone();
            moved[input][element] += change;
            var outputs = forward(device, memory, moved);
            return outputs.Zip(functional, (output, factor) => output * factor).Sum();
        }
    }

    internal static void Near(double[] expected, double[] actual, double tolerance = 1e-5)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++)
            Assert.True(
                Math.Abs(expected[i] - actual[i]) <= tolerance * Math.Max(1, Math.Abs(expected[i])),
                $"Element {i}: the device has {actual[i]:R}, the reference {expected[i]:R}.");
    }
}
