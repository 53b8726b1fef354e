using GptGen.Reference;
using Xunit;

namespace GptGen.Runtime.Tests.Operators;

/// <summary>
/// The head with a bias and label smoothing against the formula of PyTorch's cross_entropy as its documentation has it, written out with
/// probabilities: (1 - e) x -log p[target] + e / V x the sum over v of -log p[v].
/// </summary>
public class HeadFormulaTests
{
    private const int Rows = 9;
    private const int Vocabulary = 11;
    private const int Stored = 16;
    private static readonly int[] Targets = [3, 10, Device.IgnoredTarget, 0, 3, 7, 7, 1, 9];

    [Theory]
    [InlineData("reference", false, 0)]
    [InlineData("reference", true, 0)]
    [InlineData("reference", true, 0.1f)]
    [InlineData("reference", false, 1)]
    [InlineData("cpu", false, 0)]
    [InlineData("cpu", true, 0)]
    [InlineData("cpu", true, 0.1f)]
    [InlineData("cpu", false, 1)]
    public void LossesAndGradientsFollowTheFormula(string name, bool withBias, float smoothing)
    {
        using Device device = name == "cpu" ? new CpuDevice(2) : new ReferenceDevice();
        using var memory = new TestMemory(device);
        var (x, table) = (TestMemory.Random(1, Rows * 30), TestMemory.Random(2, Stored * 30));
        var (bias, weights) = (TestMemory.Random(3, Stored), TestMemory.Random(4, Rows));
        var losses = memory.Statistics(Rows);
        var dx = memory.Rows<Width30>(new double[Rows * 30]);
        var dTable = memory.Matrix<PaddedVocabulary, Width30>(TestMemory.Random(5, Stored * 30));
        var dBias = memory.Vector<PaddedVocabulary>(TestMemory.Random(6, Stored));
        device.HeadLossBackward(
            memory.Rows<Width30>(x), memory.Matrix<PaddedVocabulary, Width30>(table), withBias ? memory.Vector<PaddedVocabulary>(bias) : default,
            memory.Integers(Targets), memory.Statistics(weights), memory.Rows<PaddedVocabulary>(new double[4 * Stored]), losses, dx, dTable, dBias,
            GradientWrite.Write, smoothing);

        double share = smoothing;
        var (expectedLosses, expectedInput) = (new double[Rows], new double[Rows * 30]);
        var (expectedTable, expectedBias) = (new double[Stored * 30], new double[Stored]);
        for (var row = 0; row < Rows; row++)
        {
            if (Targets[row] == Device.IgnoredTarget)
                continue;
            var powers = new double[Vocabulary];
            for (var v = 0; v < Vocabulary; v++)
                powers[v] = Math.Exp(Enumerable.Range(0, 30).Sum(i => x[row * 30 + i] * table[v * 30 + i]) + (withBias ? bias[v] : 0));
            var probabilities = Array.ConvertAll(powers, power => power / powers.Sum());
            expectedLosses[row] = (1 - share) * -Math.Log(probabilities[Targets[row]]) + share / Vocabulary * probabilities.Sum(p => -Math.Log(p));
            for (var v = 0; v < Vocabulary; v++)
            {
                var gradient = weights[row] * (
                    (1 - share) * (probabilities[v] - (v == Targets[row] ? 1 : 0)) + share * (probabilities[v] - 1.0 / Vocabulary));
                expectedBias[v] += gradient;
                for (var i = 0; i < 30; i++)
                {
                    expectedInput[row * 30 + i] += gradient * table[v * 30 + i];
                    expectedTable[v * 30 + i] += gradient * x[row * 30 + i];
                }
            }
        }

        var tolerance = name == "cpu" ? 1e-5 : 1e-12;
        GradientCheck.Near(expectedLosses, TestMemory.Read(losses.Start), tolerance);
        GradientCheck.Near(expectedInput, TestMemory.Read(dx.Start), tolerance);
        GradientCheck.Near(expectedTable, TestMemory.Read(dTable.Start), tolerance);
        GradientCheck.Near(expectedBias, TestMemory.Read(dBias.Start), tolerance);
    }

    [Theory]
    [InlineData(-0.1f)]
    [InlineData(1.1f)]
    [InlineData(float.NaN)]
    public void ASmoothingThatIsNoShareIsRefused(float smoothing)
    {
        using var device = new CpuDevice(1);
        using var memory = new TestMemory(device);
        Assert.Throws<ArgumentOutOfRangeException>(() => device.HeadLoss(
            memory.Rows<Width30>(new double[30]), memory.Matrix<PaddedVocabulary, Width30>(new double[Stored * 30]), default, memory.Integers(1),
            memory.Rows<PaddedVocabulary>(new double[Stored]), memory.Statistics(1), smoothing));
    }
}
