using Xunit;

namespace GptGen.Runtime.Tests.Operators;

/// <summary>The backward methods of what is made of a linear layer in the same call, against central differences.</summary>
public class LinearGradientTests
{
    private static readonly DropoutSite Active = new Dropout(0.3f, 5, 2, 0).Site(1, 3);

    public static TheoryData<Activation> Activations => [.. Enum.GetValues<Activation>()];

    [Theory]
    [MemberData(nameof(Activations))]
    public void LinearActivation(Activation activation) => GradientCheck.Verify(
        [
            TestMemory.Random(1, 5 * 3), TestMemory.Random(2, 15 * 3), TestMemory.Random(3, 15), TestMemory.Random(4, 7 * 15),
            TestMemory.Random(5, 7),
        ],
        (device, memory, inputs) =>
        {
            var y = memory.Rows<Width7>(new double[5 * 7]);
            var (_, activated) = Activate(device, memory, inputs, activation);
            device.Linear(activated, memory.Matrix<Width7, Width15>(inputs[3]), memory.Vector<Width7>(inputs[4]), y);
            return TestMemory.Read(y.Start);
        },
        (device, memory, inputs, dy, begun) =>
        {
            var (before, activated) = Activate(device, memory, inputs, activation);
            var (gradient, dBefore) = (memory.Rows<Width7>(dy), memory.Rows<Width15>(new double[5 * 15]));
            var (dx, dFirst) = (memory.Rows<Width3>(begun[0]), memory.Matrix<Width15, Width3>(begun[1]));
            var (dFirstBias, dSecond) = (memory.Vector<Width15>(begun[2]), memory.Matrix<Width7, Width15>(begun[3]));
            var dSecondBias = memory.Vector<Width7>(begun[4]);
            device.LinearBackwardWeight(activated, gradient, dSecond, dSecondBias, GradientWrite.Write);
            device.LinearBackwardActivation(gradient, memory.Matrix<Width7, Width15>(inputs[3]), activation, before, dBefore);
            device.LinearBackwardWeight(memory.Rows<Width3>(inputs[0]), dBefore, dFirst, dFirstBias, GradientWrite.Write);
            device.LinearBackwardInput(dBefore, memory.Matrix<Width15, Width3>(inputs[1]), dx, GradientWrite.Write);
            return [.. new[] { dx.Start, dFirst.Start, dFirstBias.Start, dSecond.Start, dSecondBias.Start }.Select(TestMemory.Read)];
        });

    private static (Rows<Width15> Before, Rows<Width15> Y) Activate(Device device, TestMemory memory, double[][] inputs, Activation activation)
    {
        var (before, y) = (memory.Rows<Width15>(new double[5 * 15]), memory.Rows<Width15>(new double[5 * 15]));
        device.LinearActivation(
            memory.Rows<Width3>(inputs[0]), memory.Matrix<Width15, Width3>(inputs[1]), memory.Vector<Width15>(inputs[2]), activation, before, y);
        return (before, y);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void LinearResidual(bool drop) => GradientCheck.Verify(
        [TestMemory.Random(1, 5 * 15), TestMemory.Random(2, 7 * 15), TestMemory.Random(3, 7), TestMemory.Random(4, 5 * 7)],
        (device, memory, inputs) =>
        {
            var y = memory.Rows<Width7>(new double[5 * 7]);
            device.LinearResidual(
                memory.Rows<Width15>(inputs[0]), memory.Matrix<Width7, Width15>(inputs[1]), memory.Vector<Width7>(inputs[2]),
                memory.Rows<Width7>(inputs[3]), drop ? Active : default, y);
            return TestMemory.Read(y.Start);
        },
        (device, memory, inputs, dy, begun) =>
        {
            var (dx, dWeight) = (memory.Rows<Width15>(begun[0]), memory.Matrix<Width7, Width15>(begun[1]));
            var dBias = memory.Vector<Width7>(begun[2]);
            var dBranch = device.DropoutBackward(memory.Rows<Width7>(dy), drop ? Active : default, memory.Rows<Width7>(begun[3]));
            device.LinearBackwardWeight(memory.Rows<Width15>(inputs[0]), dBranch, dWeight, dBias, GradientWrite.Write);
            device.LinearBackwardInput(dBranch, memory.Matrix<Width7, Width15>(inputs[1]), dx, GradientWrite.Write);
            return [TestMemory.Read(dx.Start), TestMemory.Read(dWeight.Start), TestMemory.Read(dBias.Start), dy];
        });
}
