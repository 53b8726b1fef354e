using System.Runtime.Intrinsics;
using GptGen.Cpu;
using Xunit;

namespace GptGen.Runtime.Tests.Cpu;

public sealed unsafe class VectorMathTests
{
    private delegate float Function(float x);

    [Theory]
    [MemberData(nameof(Levels.Available), MemberType = typeof(Levels))]
    public void ExpIsRightToOnePartInTenMillion(string level)
    {
        Function exp = Choose(Levels.Parse(level)).Exp;
        double worst = 0;
        for (float x = -87.3f; x < 88.37f; x += 0.00137f)
        {
            worst = Math.Max(worst, Math.Abs(exp(x) / Math.Exp(x) - 1));
        }

        Assert.True(worst <= 1.3e-7, $"relative error {worst}");
        Assert.Equal(1f, exp(0f));
    }

    [Theory]
    [MemberData(nameof(Levels.Available), MemberType = typeof(Levels))]
    public void ExpOfExtremes(string level)
    {
        Function exp = Choose(Levels.Parse(level)).Exp;
        Assert.Equal(0f, exp(float.NegativeInfinity));
        Assert.Equal(0f, exp(-88f));
        Assert.Equal(float.PositiveInfinity, exp(float.PositiveInfinity));
        Assert.Equal(float.PositiveInfinity, exp(89f));
        Assert.True(float.IsNaN(exp(float.NaN)));
        Assert.True(float.IsFinite(exp(88.37f)));
        Assert.True(exp(-87.33f) > 0f);
    }

    [Theory]
    [MemberData(nameof(Levels.Available), MemberType = typeof(Levels))]
    public void TanhAndSigmoid(string level)
    {
        (_, Function tanh, Function sigmoid, _, _) = Choose(Levels.Parse(level));
        for (float x = -30f; x < 30f; x += 0.0113f)
        {
            Assert.Equal(0, tanh(x) / Math.Tanh(x) - 1, 2.4e-7);
            Assert.Equal(1 / (1 + Math.Exp(-x)), sigmoid(x), 1.2e-7);
        }

        for (float x = 1e-38f; x < 1f; x *= 1.37f)
            Assert.Equal(0, tanh(-x) / Math.Tanh(-x) - 1, 2.4e-7);
        Assert.Equal(0f, tanh(0f));
        Assert.True(float.IsNaN(tanh(float.NaN)));
        Assert.Equal(-1f, tanh(float.NegativeInfinity));
        Assert.Equal(1f, tanh(float.PositiveInfinity));
    }

    [Theory]
    [MemberData(nameof(Levels.Available), MemberType = typeof(Levels))]
    public void SumAndMaximumOfEveryLength(string level)
    {
        (_, _, _, Func<float[], float> sum, Func<float[], float> maximum) = Choose(Levels.Parse(level));
        var random = new Random(3);
        for (int length = 0; length < 200; length++)
        {
            float[] values = [.. Enumerable.Range(0, length).Select(_ => random.NextSingle() - 2f)];
            Assert.Equal(values.Sum(value => (double)value), sum(values), 1e-6 * (1 + length));
            Assert.Equal(length == 0 ? float.NegativeInfinity : values.Max(), maximum(values));
        }
    }

    [Theory]
    [MemberData(nameof(Levels.Available), MemberType = typeof(Levels))]
    public void PartialVectorsTouchNothingElse(string level)
    {
        var action = new PartialVectors(Levels.Parse(level));
        using var pool = new WorkerPool(1);
        pool.Run(Levels.Parse(level), ref action);
    }

    private readonly struct PartialVectors(SimdLevel level) : IVectorJob
    {
        public void Run<TSimd, TVector>(int worker, int workers)
            where TSimd : struct, ISimd<TVector>
            where TVector : unmanaged
        {
            Assert.Equal(4 << (int)level, TSimd.Count);
            float* source = stackalloc float[TSimd.Count];
            float* target = stackalloc float[TSimd.Count];
            for (int count = 0; count <= TSimd.Count; count++)
            {
                for (int i = 0; i < TSimd.Count; i++)
                {
                    source[i] = i < count ? i + 1 : float.NaN;
                    target[i] = -2f;
                }

                TVector first = TSimd.LoadFirst(source, count, TSimd.Create(-1f));
                Assert.Equal(count * (count + 1) / 2 - (TSimd.Count - count), TSimd.Sum(first));
                TSimd.StoreFirst(target, first, count);
                for (int i = 0; i < TSimd.Count; i++)
                {
                    Assert.Equal(i < count ? i + 1 : -2f, target[i]);
                }
            }
        }
    }

    private static (Function Exp, Function Tanh, Function Sigmoid, Func<float[], float> Sum, Func<float[], float> Maximum)
        Choose(SimdLevel level) => level switch
        {
            SimdLevel.Vector512 => Functions<Simd512, Vector512<float>>(),
            SimdLevel.Vector256 => Functions<Simd256, Vector256<float>>(),
            _ => Functions<Simd128, Vector128<float>>(),
        };

    private static (Function, Function, Function, Func<float[], float>, Func<float[], float>) Functions<TSimd, TVector>()
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged =>
        (
            x => TSimd.Largest(VectorMath.Exp<TSimd, TVector>(TSimd.Create(x))),
            x => TSimd.Largest(VectorMath.Tanh<TSimd, TVector>(TSimd.Create(x))),
            x => TSimd.Largest(VectorMath.Sigmoid<TSimd, TVector>(TSimd.Create(x))),
            values =>
            {
                fixed (float* p = values)
                {
                    return VectorMath.Sum<TSimd, TVector>(p, values.Length);
                }
            },
            values =>
            {
                fixed (float* p = values)
                {
                    return VectorMath.Maximum<TSimd, TVector>(p, values.Length);
                }
            });
}
