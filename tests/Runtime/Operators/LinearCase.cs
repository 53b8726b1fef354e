namespace GptGen.Runtime.Tests.Operators;

/// <summary>Linear layers and what is made of them in the same call. What is written begins as no number.</summary>
internal static class LinearCase
{
    private static readonly DropoutSite s_active = new Dropout(0.3f, 5, 2, 1).Site(1, 3);

    /// <summary>Forward and back, gradients added.</summary>
    public static Location[] Run<TIn, TOut>(Device device, TestMemory memory, int rows)
        where TIn : struct, IDimension
        where TOut : struct, IDimension
    {
        var (x, dy) = (memory.Rows<TIn>(TestMemory.Random(1, rows * TIn.Size)), memory.Rows<TOut>(TestMemory.Random(2, rows * TOut.Size)));
        var weight = memory.Matrix<TOut, TIn>(TestMemory.Random(3, TOut.Size * TIn.Size));
        Rows<TOut> y = NoNumbers<TOut>(memory, rows), withoutBias = NoNumbers<TOut>(memory, rows);
        var dx = memory.Rows<TIn>(TestMemory.Random(4, rows * TIn.Size));
        var dWeight = memory.Matrix<TOut, TIn>(TestMemory.Random(5, TOut.Size * TIn.Size), BufferRole.Gradient);
        var dBias = memory.Vector<TOut>(TestMemory.Random(6, TOut.Size), BufferRole.Gradient);
        var written = memory.Matrix<TOut, TIn>([.. Enumerable.Repeat(double.NaN, TOut.Size * TIn.Size)], BufferRole.Gradient);
        var writtenBias = memory.Vector<TOut>([.. Enumerable.Repeat(double.NaN, TOut.Size)], BufferRole.Gradient);
        device.Linear(x, weight, memory.Vector<TOut>(TestMemory.Random(7, TOut.Size)), y);
        device.Linear(x, weight, default, withoutBias);
        device.LinearBackwardInput(dy, weight, dx, GradientWrite.Add);
        device.LinearBackwardWeight(x, dy, dWeight, dBias, GradientWrite.Add);
        device.LinearBackwardWeight(x, dy, written, writtenBias, GradientWrite.Write);
        return [y.Start, withoutBias.Start, dx.Start, dWeight.Start, dBias.Start, written.Start, writtenBias.Start];
    }

    /// <summary>With and without a bias, and what the activation is of kept or not.</summary>
    public static Location[] RunActivation<TIn, TOut>(Device device, TestMemory memory, int rows, Activation activation)
        where TIn : struct, IDimension
        where TOut : struct, IDimension
    {
        var x = memory.Rows<TIn>(TestMemory.Random(1, rows * TIn.Size));
        var weight = memory.Matrix<TOut, TIn>(TestMemory.Random(2, TOut.Size * TIn.Size));
        var bias = memory.Vector<TOut>(TestMemory.Random(3, TOut.Size));
        Rows<TOut> before = NoNumbers<TOut>(memory, rows), kept = NoNumbers<TOut>(memory, rows), alone = NoNumbers<TOut>(memory, rows);
        Rows<TOut> beforeWithoutBias = NoNumbers<TOut>(memory, rows), keptWithoutBias = NoNumbers<TOut>(memory, rows);
        var aloneWithoutBias = NoNumbers<TOut>(memory, rows);
        device.LinearActivation(x, weight, bias, activation, before, kept);
        device.LinearActivation(x, weight, bias, activation, default, alone);
        device.LinearActivation(x, weight, default, activation, beforeWithoutBias, keptWithoutBias);
        device.LinearActivation(x, weight, default, activation, default, aloneWithoutBias);
        return [before.Start, kept.Start, alone.Start, beforeWithoutBias.Start, keptWithoutBias.Start, aloneWithoutBias.Start];
    }

    /// <summary>Back through an activation, also where it is saturated.</summary>
    public static Location[] RunBackwardActivation<TIn, TOut>(Device device, TestMemory memory, int rows, Activation activation)
        where TIn : struct, IDimension
        where TOut : struct, IDimension
    {
        var dy = memory.Rows<TOut>(TestMemory.Random(1, rows * TOut.Size));
        var weight = memory.Matrix<TOut, TIn>(TestMemory.Random(2, TOut.Size * TIn.Size));
        var before = memory.Rows<TIn>(Array.ConvertAll(TestMemory.Random(3, rows * TIn.Size), static value => (double)(float)(6 * value)));
        var dBefore = NoNumbers<TIn>(memory, rows);
        device.LinearBackwardActivation(dy, weight, activation, before, dBefore);
        return [dBefore.Start];
    }

    /// <summary>With and without a bias.</summary>
    public static Location[] RunResidual<TIn, TOut>(Device device, TestMemory memory, int rows, bool drop)
        where TIn : struct, IDimension
        where TOut : struct, IDimension
    {
        var site = drop ? s_active : default;
        var x = memory.Rows<TIn>(TestMemory.Random(1, rows * TIn.Size));
        var weight = memory.Matrix<TOut, TIn>(TestMemory.Random(2, TOut.Size * TIn.Size));
        var residual = memory.Rows<TOut>(TestMemory.Random(3, rows * TOut.Size));
        Rows<TOut> y = NoNumbers<TOut>(memory, rows), withoutBias = NoNumbers<TOut>(memory, rows);
        device.LinearResidual(x, weight, memory.Vector<TOut>(TestMemory.Random(4, TOut.Size)), residual, site, y);
        device.LinearResidual(x, weight, default, residual, site, withoutBias);
        return [y.Start, withoutBias.Start, residual.Start];
    }

    private static Rows<TWidth> NoNumbers<TWidth>(TestMemory memory, int rows)
        where TWidth : struct, IDimension =>
        memory.Rows<TWidth>([.. Enumerable.Repeat(double.NaN, rows * TWidth.Size)]);
}
