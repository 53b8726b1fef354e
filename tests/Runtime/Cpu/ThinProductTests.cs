using GptGen.Cpu;
using Xunit;

namespace GptGen.Runtime.Tests.Cpu;

public sealed unsafe class ThinProductTests
{
    [Theory]
    [MemberData(nameof(Levels.Available), MemberType = typeof(Levels))]
    public void AgreesWithDouble(string level)
    {
        using var pool = new WorkerPool(3);
        foreach ((int rows, int outputs, int inputs) in
            new[] { (1, 1, 1), (1, 6, 0), (2, 7, 5), (3, 33, 64), (5, 130, 77), (16, 9, 769), (17, 515, 100) })
        {
            using var problem = new Problem(rows, outputs, inputs);
            foreach (bool bias in new[] { false, true })
            {
                problem.Run(pool, Levels.Parse(level), 0, rows, bias);
                problem.AssertCorrect(bias);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Levels.Available), MemberType = typeof(Levels))]
    public void HasTheSameBitsAloneAndInABatchWithAnyThreads(string level)
    {
        const int Rows = 9;
        using var single = new WorkerPool(1);
        using var problem = new Problem(Rows, 1027, 203);
        problem.Run(single, Levels.Parse(level), 0, Rows, useBias: true);
        float[] expected = problem.Result.ToArray();
        foreach (int threads in new[] { 1, 2, 3, 5 })
        {
            using var pool = new WorkerPool(threads);
            foreach (int batch in new[] { 1, 2, 3, 4, Rows })
            {
                problem.Clear();
                for (int row = 0; row < Rows; row += batch)
                {
                    problem.Run(pool, Levels.Parse(level), row, Math.Min(batch, Rows - row), useBias: true);
                }

                Assert.True(expected.AsSpan().SequenceEqual(problem.Result), $"{threads} threads, {batch} rows at a time");
            }
        }
    }

    private sealed class Problem : IDisposable
    {
        private readonly int rows, outputs, inputs;
        private readonly NativeBuffer x, w, y, bias;

        public Problem(int rows, int outputs, int inputs)
        {
            (this.rows, this.outputs, this.inputs) = (rows, outputs, inputs);
            var random = new Random(rows + outputs + inputs);
            x = TestProduct.RandomBuffer(random, rows * (inputs + 1));
            w = TestProduct.RandomBuffer(random, outputs * (inputs + 3));
            y = TestProduct.RandomBuffer(random, rows * outputs);
            bias = TestProduct.RandomBuffer(random, outputs);
        }

        public Span<float> Result => new(y.Floats, rows * outputs);

        public void Clear() => Result.Clear();

        public void Run(WorkerPool pool, SimdLevel level, int first, int count, bool useBias) =>
            ThinProduct.Multiply(
                pool, level, count, outputs, inputs, x.Floats + first * (inputs + 1), inputs + 1, new(w.Floats, inputs + 3),
                y.Floats + first * outputs, outputs, useBias ? bias.Floats : null);

        public void AssertCorrect(bool useBias)
        {
            for (int row = 0; row < rows; row++)
            {
                for (int output = 0; output < outputs; output++)
                {
                    double expected = useBias ? bias.Floats[output] : 0;
                    for (int k = 0; k < inputs; k++)
                    {
                        expected += (double)x.Floats[row * (inputs + 1) + k] * w.Floats[output * (inputs + 3) + k];
                    }

                    Assert.Equal(expected, Result[row * outputs + output], 1e-6 * (10 + inputs / 50));
                }
            }
        }

        public void Dispose()
        {
            x.Dispose();
            w.Dispose();
            y.Dispose();
            bias.Dispose();
        }
    }
}
