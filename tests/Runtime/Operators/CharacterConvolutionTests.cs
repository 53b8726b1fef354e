using GptGen.Reference;
using Xunit;

namespace GptGen.Runtime.Tests.Operators;

/// <summary>Filters over characters: their gradients against central differences, the windows that count, and what is refused.</summary>
public class CharacterConvolutionTests
{
    private const int Words = 5;

    [Theory]
    [InlineData(Activation.Relu, GradientWrite.Write)]
    [InlineData(Activation.Relu, GradientWrite.Add)]
    [InlineData(Activation.Tanh, GradientWrite.Write)]
    public void Gradients(Activation activation, GradientWrite write) => GradientCheck.Verify(
        [TestMemory.Random(1, 16 * 3), TestMemory.Random(2, 7 * 6), TestMemory.Random(3, 7)],
        (device, memory, inputs) => [.. TestMemory.Read(Forward(device, memory, inputs, activation).Y.Start)],
        (device, memory, inputs, dy, begun) =>
        {
            var (y, places) = Forward(device, memory, inputs, activation);
            var dTable = memory.Matrix<PaddedVocabulary, Width3>(begun[0]);
            var (dFilters, dBias) = (memory.Matrix<Width7, Double<Width3>>(begun[1]), memory.Vector<Width7>(begun[2]));
            device.CharacterConvolutionBackward(
                memory.Rows<Width7>(dy).Columns(), memory.Integers(CharacterCase.Characters(Words)),
                memory.Matrix<PaddedVocabulary, Width3>(inputs[0]), memory.Matrix<Width7, Double<Width3>>(inputs[1]), activation, y.Columns(), places,
                dTable, write, dFilters, dBias, write);
            return [TestMemory.Read(dTable.Start), TestMemory.Read(dFilters.Start), TestMemory.Read(dBias.Start)];
        },
        write);

    /// <summary>A filter that looks for one character finds its first place, and the end of a word where it looks for padding.</summary>
    [Fact]
    public void TheFirstOfTheLargestWindowsCounts()
    {
        foreach (var device in (Device[])[new ReferenceDevice(), new CpuDevice(2)])
        {
            using (device)
            using (var memory = new TestMemory(device))
            {
                // Characters 4, 5 and 6 are the unit vectors of three axes, and the filters are the axes.
                var table = new double[16 * 3];
                (table[12], table[16], table[20]) = (1, 1, 1);
                double[] axes = [1, 0, 0, 0, 1, 0, 0, 0, 1];
                var (y, places) = (memory.Rows<Width3>(new double[2 * 3]), memory.Statistics(2 * 3));
                device.CharacterConvolution(
                    memory.Integers(4, 5, 4, 5, 6, 6, 6, 6, 6, 6, 6, 6), memory.Matrix<PaddedVocabulary, Width3>(table),
                    memory.Matrix<Width3, Width3>(axes), memory.Vector<Width3>([0, 0.5, 0]), Activation.Relu, y.Columns(), places);
                Assert.Equal([1, 1.5, 1, 0, 0.5, 1], TestMemory.Read(y.Start));
                Assert.Equal([0, 1, 4, 0, 0, 0], TestMemory.Read(places.Start));
            }
        }
    }

    [Fact]
    public void CharactersThatDoNotFitRowsOrWindowsAreRefused()
    {
        using var device = new ReferenceDevice();
        using var memory = new TestMemory(device);
        var table = memory.Matrix<PaddedVocabulary, Width3>(new double[16 * 3]);
        var filters = memory.Matrix<Width7, Double<Width3>>(new double[7 * 6]);
        var odd = memory.Matrix<Width7, Width7>(new double[49]);
        var bias = memory.Vector<Width7>(new double[7]);
        var y = memory.Rows<Width7>(new double[2 * 7]);
        Integers Characters(int count) => memory.Integers(new int[count]);
        device.CharacterConvolution(Characters(4), table, filters, bias, Activation.Relu, y.Columns(), default);
        Assert.Throws<ArgumentException>(() => device.CharacterConvolution(
            Characters(5), table, filters, bias, Activation.Relu, y.Columns(), default));
        Assert.Throws<ArgumentException>(() => device.CharacterConvolution(
            Characters(2), table, filters, bias, Activation.Relu, y.Columns(), default));
        Assert.Throws<ArgumentException>(() => device.CharacterConvolution(Characters(8), table, odd, bias, Activation.Relu, y.Columns(), default));
        Assert.Throws<ArgumentOutOfRangeException>(() => device.CharacterConvolution(
            Characters(4), table, filters, bias, Activation.Silu, y.Columns(), default));
        Assert.Throws<ArgumentOutOfRangeException>(() => y.Columns<Width3>(5));
        Assert.Throws<ArgumentOutOfRangeException>(() => y.Columns<Width3>(-1));
    }

    private static (Rows<Width7> Y, Statistics Places) Forward(Device device, TestMemory memory, double[][] inputs, Activation activation)
    {
        var (y, places) = (memory.Rows<Width7>(new double[Words * 7]), memory.Statistics(Words * 7));
        device.CharacterConvolution(
            memory.Integers(CharacterCase.Characters(Words)), memory.Matrix<PaddedVocabulary, Width3>(inputs[0]),
            memory.Matrix<Width7, Double<Width3>>(inputs[1]), memory.Vector<Width7>(inputs[2]), activation, y.Columns(), places);
        return (y, places);
    }
}
