using System.Runtime.CompilerServices;

namespace GptGen.Cpu;

/// <summary>The largest sum of each word's windows, from the characters' parts: an item is a word.</summary>
internal readonly unsafe struct CharacterKernel(
    int* numbers, float* parts, float* bias, Activation activation, float* y, nint stride, float* places, CharacterShape shape) : IRangeKernel
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<TSimd, TVector>(nint first, nint last, int worker)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        nint filters = shape.Filters;
        for (nint row = first; row < last; row++)
        {
            int* word = numbers + row * shape.Length;
            nint windows = Windows(word, shape.Length, shape.Window);
            for (nint filter = 0; filter < filters; filter += TSimd.Count)
            {
                nint count = Math.Min(TSimd.Count, filters - filter);
                TVector largest = Sum<TSimd, TVector>(word, filter, count), place = TSimd.Zero;
                for (nint window = 1; window < windows; window++)
                {
                    TVector sum = Sum<TSimd, TVector>(word + window, filter, count);
                    place = TSimd.SelectGreater(sum, largest, TSimd.Create(window), place);
                    largest = TSimd.SelectGreater(sum, largest, sum, largest);
                }

                TVector value = TSimd.Add(largest, VectorRuns.Load<TSimd, TVector>(bias + filter, count));
                value = activation == Activation.Relu
                    ? ReluFunction.Value<TSimd, TVector>(value)
                    : TanhFunction.Value<TSimd, TVector>(value);
                VectorRuns.Store<TSimd, TVector>(y + row * stride + filter, value, count);
                if (places != null)
                    VectorRuns.Store<TSimd, TVector>(places + row * filters + filter, place, count);
            }
        }
    }

    /// <summary>The sum of the window that begins with a character.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private TVector Sum<TSimd, TVector>(int* characters, nint filter, nint count)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        TVector sum = TSimd.Zero;
        for (nint place = 0; place < shape.Window; place++)
        {
            float* part = parts + ((nint)characters[place] * shape.Window + place) * shape.Filters + filter;
            sum = TSimd.Add(sum, count == TSimd.Count ? TSimd.Load(part) : TSimd.LoadFirst(part, count, TSimd.Zero));
        }

        return sum;
    }

    /// <summary>
    /// How many windows may be the first that is the largest: those that begin in the same characters at a word's end are all alike.
    /// </summary>
    private static nint Windows(int* word, nint length, nint window)
    {
        nint start = length - 1;
        while (start > 0 && word[start - 1] == word[start])
            start--;
        return Math.Min(length - window, start) + 1;
    }
}

/// <summary>The gradients of the characters' parts and of the biases, in the order of the words: an item is a filter.</summary>
internal readonly unsafe struct CharacterBackwardKernel(
    float* dy, nint dyStride, int* numbers, nint characters, Activation activation, float* y, nint yStride, float* places, float* dParts,
    float* dBias, bool add, CharacterShape shape) : IRangeKernel
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<TSimd, TVector>(nint first, nint last, int worker)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged
    {
        nint filters = shape.Filters, parts = shape.Parts;
        for (nint part = 0; part < characters * shape.Window; part++)
            new CpuRange(dParts + part * filters + first, last - first).Clear();
        if (!add)
            new CpuRange(dBias + first, last - first).Clear();
        for (nint row = 0; row < shape.Rows; row++)
        {
            int* word = numbers + row * shape.Length;
            for (nint filter = first; filter < last; filter++)
            {
                float value = y[row * yStride + filter];
                float slope = activation == Activation.Tanh ? 1f - value * value : value > 0f ? 1f : 0f;
                float gradient = dy[row * dyStride + filter] * slope;
                if (gradient == 0f)
                    continue;
                dBias[filter] += gradient;
                int* window = word + (nint)places[row * filters + filter];
                for (nint place = 0; place < shape.Window; place++)
                    dParts[window[place] * parts + place * filters + filter] += gradient;
            }
        }
    }
}
