using Xunit;

namespace GptGen.Runtime.Tests.Operators;

// Linear layers and what is made of them in the same call.
public abstract partial class OperatorTests<TWidth, TOut>
{
    public static TheoryData<Activation> Activations => [.. Enum.GetValues<Activation>()];

    [Fact]
    public void Linear() => Verify((device, memory) =>
    {
        var (x, dy) = (memory.Rows<TWidth>(TestMemory.Random(1, Many * Width)), memory.Rows<TOut>(TestMemory.Random(2, Many * TOut.Size)));
        var weight = memory.Matrix<TOut, TWidth>(TestMemory.Random(3, TOut.Size * Width));
        var y = memory.Rows<TOut>(new double[Many * TOut.Size]);
        var withoutBias = memory.Rows<TOut>(new double[Many * TOut.Size]);
        var dx = memory.Rows<TWidth>(TestMemory.Random(4, Many * Width));
        var dWeight = memory.Matrix<TOut, TWidth>(TestMemory.Random(5, TOut.Size * Width), BufferRole.Gradient);
        var dBias = memory.Vector<TOut>(TestMemory.Random(6, TOut.Size), BufferRole.Gradient);
        device.Linear(x, weight, memory.Vector<TOut>(TestMemory.Random(7, TOut.Size)), y);
        device.Linear(x, weight, default, withoutBias);
        device.LinearBackwardInput(dy, weight, dx, GradientWrite.Add);
        device.LinearBackwardWeight(x, dy, dWeight, dBias, GradientWrite.Add);
        return [y.Start, withoutBias.Start, dx.Start, dWeight.Start, dBias.Start];
    });

    /// <summary>With and without a bias, and what the activation is of kept or not.</summary>
    [Theory]
    [MemberData(nameof(Activations))]
    public void LinearActivation(Activation activation) => Verify((device, memory) =>
    {
        var x = memory.Rows<TWidth>(TestMemory.Random(1, Many * Width));
        var weight = memory.Matrix<TOut, TWidth>(TestMemory.Random(2, TOut.Size * Width));
        var bias = memory.Vector<TOut>(TestMemory.Random(3, TOut.Size));
        Rows<TOut> before = NoNumbers(), kept = NoNumbers(), withoutBias = NoNumbers(), alone = NoNumbers(), aloneWithoutBias = NoNumbers();
        device.LinearActivation(x, weight, bias, activation, before, kept);
        device.LinearActivation(x, weight, bias, activation, default, alone);
        device.LinearActivation(x, weight, default, activation, default, aloneWithoutBias);
        device.LinearActivation(x, weight, default, activation, NoNumbers(), withoutBias);
        return [before.Start, kept.Start, alone.Start, withoutBias.Start, aloneWithoutBias.Start];

        Rows<TOut> NoNumbers() => memory.Rows<TOut>([.. Enumerable.Repeat(double.NaN, Many * TOut.Size)]);
    });

    [Theory]
    [MemberData(nameof(Activations))]
    public void LinearBackwardActivation(Activation activation) => Verify((device, memory) =>
    {
        var dy = memory.Rows<TOut>(TestMemory.Random(1, Many * TOut.Size));
        var weight = memory.Matrix<TOut, TWidth>(TestMemory.Random(2, TOut.Size * Width));
        // Also where the functions are saturated.
        var before = memory.Rows<TWidth>(Array.ConvertAll(TestMemory.Random(3, Many * Width), value => (double)(float)(6 * value)));
        var dBefore = memory.Rows<TWidth>([.. Enumerable.Repeat(double.NaN, Many * Width)]);
        device.LinearBackwardActivation(dy, weight, activation, before, dBefore);
        return [dBefore.Start];
    });

    [Theory]
    [MemberData(nameof(Drops))]
    public void LinearResidual(bool drop) => Verify((device, memory) =>
    {
        var x = memory.Rows<TWidth>(TestMemory.Random(1, Many * Width));
        var weight = memory.Matrix<TOut, TWidth>(TestMemory.Random(2, TOut.Size * Width));
        var residual = memory.Rows<TOut>(TestMemory.Random(3, Many * TOut.Size));
        Rows<TOut> y = NoNumbers(), withoutBias = NoNumbers();
        device.LinearResidual(x, weight, memory.Vector<TOut>(TestMemory.Random(4, TOut.Size)), residual, drop ? Active : default, y);
        device.LinearResidual(x, weight, default, residual, drop ? Active : default, withoutBias);
        return [y.Start, withoutBias.Start, residual.Start];

        Rows<TOut> NoNumbers() => memory.Rows<TOut>([.. Enumerable.Repeat(double.NaN, Many * TOut.Size)]);
    });
}
