using System.Runtime.Intrinsics;
using GptGen.Checkpoints.Gguf;

namespace GptGen.Cpu;

/// <summary>
/// The vector operations that a kernel may use, so that one kernel text serves every vector width. A kernel is generic
/// over an implementation and its vector, <c>where TSimd : struct, ISimd&lt;TVector&gt; where TVector : unmanaged</c>;
/// the compiler specialises it, inlines each call, and <see cref="Count"/> becomes a literal.
/// </summary>
/// <remarks>
/// The vector itself is the type of the locals. A wrapper structure with operators would read better, but accumulators
/// wrapped so leave the registers: a product kernel ran at 40 % of the speed of this form, which equals hand-written code.
/// For the same reason a kernel calls nothing that is not inlined while vectors are live: every call saves them all, and
/// the compiler then keeps them in memory throughout the loop.
/// </remarks>
/// <typeparam name="TVector">The vector of single-precision lanes.</typeparam>
internal unsafe interface ISimd<TVector>
    where TVector : unmanaged
{
    /// <summary>Lanes of a vector.</summary>
    static abstract int Count { get; }

    /// <summary>All lanes zero.</summary>
    static abstract TVector Zero { get; }

    /// <summary>All lanes equal to <paramref name="value"/>.</summary>
    static abstract TVector Create(float value);

    /// <summary>Reads <see cref="Count"/> consecutive values; no alignment is needed.</summary>
    static abstract TVector Load(float* source);

    /// <summary>Reads <see cref="Count"/> consecutive bf16 numbers; no alignment is needed.</summary>
    static abstract TVector LoadBFloat16(ushort* source);

    /// <summary>Reads <see cref="Count"/> consecutive whole numbers of 8 bits; no alignment is needed.</summary>
    static abstract TVector LoadSigned(sbyte* source);

    /// <summary>
    /// What <see cref="LoadLevels"/> asks for: the 16 levels of <see cref="NibbleBlocks"/> times a scale, or the scale where a vector has fewer
    /// lanes.
    /// </summary>
    static abstract TVector ScaledLevels(float scale);

    /// <summary>
    /// Reads <see cref="Count"/> levels of a block of <see cref="NibbleBlocks"/>, whose pairs lie in 16 bytes, from the element at
    /// <paramref name="first"/> on, times the scale that <paramref name="scaled"/> was made of.
    /// </summary>
    static abstract TVector LoadLevels(byte* pairs, nint first, TVector scaled);

    /// <summary>Writes <see cref="Count"/> consecutive values; no alignment is needed.</summary>
    static abstract void Store(float* destination, TVector value);

    /// <summary>Reads the first <paramref name="count"/> values and nothing beyond; the other lanes are those of <paramref name="rest"/>.</summary>
    static abstract TVector LoadFirst(float* source, nint count, TVector rest);

    /// <summary>Writes the first <paramref name="count"/> lanes and nothing beyond.</summary>
    static abstract void StoreFirst(float* destination, TVector value, nint count);

    /// <summary>left + right.</summary>
    static abstract TVector Add(TVector left, TVector right);

    /// <summary>left - right.</summary>
    static abstract TVector Subtract(TVector left, TVector right);

    /// <summary>left * right.</summary>
    static abstract TVector Multiply(TVector left, TVector right);

    /// <summary>left / right.</summary>
    static abstract TVector Divide(TVector left, TVector right);

    /// <summary>left * right + addend, rounded once where the hardware can.</summary>
    static abstract TVector MultiplyAdd(TVector left, TVector right, TVector addend);

    /// <summary>minuend - left * right, rounded once where the hardware can.</summary>
    static abstract TVector MultiplySubtractFrom(TVector left, TVector right, TVector minuend);

    /// <summary>The square root of each lane.</summary>
    static abstract TVector SquareRoot(TVector value);

    /// <summary>The absolute value of each lane.</summary>
    static abstract TVector Absolute(TVector value);

    /// <summary>The smaller of each pair of lanes. On x86 a NaN in <paramref name="right"/> is kept, one in <paramref name="left"/> is not.</summary>
    static abstract TVector Minimum(TVector left, TVector right);

    /// <summary>The larger of each pair of lanes. On x86 a NaN in <paramref name="right"/> is kept, one in <paramref name="left"/> is not.</summary>
    static abstract TVector Maximum(TVector left, TVector right);

    /// <summary>Lane by lane <paramref name="whenTrue"/> where left &gt; right, else <paramref name="whenFalse"/> (also for NaN).</summary>
    static abstract TVector SelectGreater(TVector left, TVector right, TVector whenTrue, TVector whenFalse);

    /// <summary>Each lane rounded to the nearest whole number, ties to even.</summary>
    static abstract TVector Round(TVector value);

    /// <summary>value * 2^exponent for whole exponents that keep the result a normal number: an addition to the exponent bits.</summary>
    static abstract TVector ScaleByPowerOfTwo(TVector value, TVector exponent);

    /// <summary>The sum of the lanes, in an order fixed for the width.</summary>
    static abstract float Sum(TVector value);

    /// <summary>The sums of the lanes of four vectors, together cheaper than one by one.</summary>
    static abstract Vector128<float> SumEach(TVector first, TVector second, TVector third, TVector fourth);

    /// <summary>The largest lane.</summary>
    static abstract float Largest(TVector value);
}
