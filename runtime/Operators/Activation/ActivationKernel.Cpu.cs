using System.Runtime.CompilerServices;

namespace GptGen.Cpu;

/// <summary>y = f(x), or, with a gradient, y = gradient x f'(x).</summary>
internal readonly unsafe struct ActivationKernel(Activation activation, float* x, float* gradient, float* y) : IRangeKernel
{
    /// <inheritdoc/>
    public void Run<TSimd, TVector>(nint first, nint last, int worker)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        switch (activation)
        {
            case Activation.GeluTanh:
                Apply<GeluTanhFunction, TSimd, TVector>(first, last);
                break;
            case Activation.GeluErf:
                Apply<GeluErfFunction, TSimd, TVector>(first, last);
                break;
            case Activation.Relu:
                Apply<ReluFunction, TSimd, TVector>(first, last);
                break;
            case Activation.Tanh:
                Apply<TanhFunction, TSimd, TVector>(first, last);
                break;
            case Activation.Silu:
                Apply<SiluFunction, TSimd, TVector>(first, last);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(activation), activation, "Unknown activation function.");
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Apply<TFunction, TSimd, TVector>(nint first, nint last)
        where TFunction : struct, IActivationFunction
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        nint i = first;
        for (; i <= last - TSimd.Count; i += TSimd.Count)
        {
            TVector value = TSimd.Load(x + i);
            TSimd.Store(
                y + i,
                gradient == null
                    ? TFunction.Value<TSimd, TVector>(value)
                    : TSimd.Multiply(TSimd.Load(gradient + i), TFunction.Slope<TSimd, TVector>(value)));
        }

        if (i < last)
        {
            nint count = last - i;
            TVector value = TSimd.LoadFirst(x + i, count, TSimd.Zero);
            TVector result = gradient == null
                ? TFunction.Value<TSimd, TVector>(value)
                : TSimd.Multiply(TSimd.LoadFirst(gradient + i, count, TSimd.Zero), TFunction.Slope<TSimd, TVector>(value));
            TSimd.StoreFirst(y + i, result, count);
        }
    }
}
