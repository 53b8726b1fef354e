// What all kernels share. Comes before each kernel source; includes nothing, as NVRTC has no include path. Three compilers take it: NVRTC (or nvcc),
// clang for the check of the PTX, and the host's compiler for the emulator of the tests (GPTGEN_EMULATOR).
#ifndef GPTGEN_PRELUDE
#define GPTGEN_PRELUDE

#define DEVICE static __device__ __forceinline__

constexpr int WarpSize = 32;
constexpr unsigned WholeWarp = 0xffffffffu;

// ---- numbers ----

// The upper half of an f32. A type of its own, so that arithmetic on the bits does not compile.
struct bf16 {
    unsigned short bits;
};

DEVICE float infinity() { return __uint_as_float(0x7f800000u); }

DEVICE float toFloat(float value) { return value; }
DEVICE float toFloat(bf16 value) { return __uint_as_float((unsigned)value.bits << 16); }

// To the nearest, ties to even; NaN stays NaN.
DEVICE bf16 toBf16(float value) {
#ifdef GPTGEN_EMULATOR
    unsigned bits = __float_as_uint(value);
    bool isNan = (bits & 0x7fffffffu) > 0x7f800000u;
    unsigned rounded = isNan ? bits | 0x400000u : bits + 0x7fffu + (bits >> 16 & 1u);
    return bf16{(unsigned short)(rounded >> 16)};
#else
    bf16 result;
    asm("cvt.rn.bf16.f32 %0, %1;" : "=h"(result.bits) : "f"(value));
    return result;
#endif
}

// Two numbers as bf16, each to the nearest; `low` has the lower address.
DEVICE unsigned packBf16(float low, float high) {
#ifdef GPTGEN_EMULATOR
    return (unsigned)toBf16(low).bits | (unsigned)toBf16(high).bits << 16;
#else
    unsigned pair;
    asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(pair) : "f"(high), "f"(low));
    return pair;
#endif
}

DEVICE void assign(float& target, float value) { target = value; }
DEVICE void assign(bf16& target, float value) { target = toBf16(value); }

// ---- four elements at a time; addresses are multiples of four elements ----

// bf16 numbers two by two, the first in the lower half.
DEVICE float4 unpack4(uint2 pairs) {
    return make_float4(__uint_as_float(pairs.x << 16), __uint_as_float(pairs.x & 0xffff0000u), __uint_as_float(pairs.y << 16),
                       __uint_as_float(pairs.y & 0xffff0000u));
}
DEVICE uint2 pack4(float4 value) { return uint2{packBf16(value.x, value.y), packBf16(value.z, value.w)}; }

DEVICE float4 load4(const float* address) { return *reinterpret_cast<const float4*>(address); }
DEVICE float4 load4(const bf16* address) { return unpack4(*reinterpret_cast<const uint2*>(address)); }

DEVICE void store4(float* address, float4 value) { *reinterpret_cast<float4*>(address) = value; }
DEVICE void store4(bf16* address, float4 value) { *reinterpret_cast<uint2*>(address) = pack4(value); }

DEVICE float4 operator+(float4 a, float4 b) { return make_float4(a.x + b.x, a.y + b.y, a.z + b.z, a.w + b.w); }
DEVICE float4 operator-(float4 a, float4 b) { return make_float4(a.x - b.x, a.y - b.y, a.z - b.z, a.w - b.w); }
DEVICE float4 operator*(float4 a, float4 b) { return make_float4(a.x * b.x, a.y * b.y, a.z * b.z, a.w * b.w); }
DEVICE float4 operator*(float4 a, float b) { return make_float4(a.x * b, a.y * b, a.z * b, a.w * b); }
DEVICE float sum(float4 v) { return (v.x + v.y) + (v.z + v.w); }
DEVICE float maximum(float4 v) { return fmaxf(fmaxf(v.x, v.y), fmaxf(v.z, v.w)); }
DEVICE float dot(float4 a, float4 b) { return fmaf(a.x, b.x, fmaf(a.y, b.y, fmaf(a.z, b.z, a.w * b.w))); }

// ---- reductions: the same bits in every lane and in every run ----

DEVICE int laneIndex() { return (int)(threadIdx.x & (WarpSize - 1)); }
DEVICE int warpIndex() { return (int)(threadIdx.x / WarpSize); }

// Over groups of `Lanes` neighbouring lanes of a warp, all 32 of which must be there.
template <int Lanes = WarpSize>
DEVICE float warpSum(float value) {
#pragma unroll
    for (int distance = Lanes / 2; distance > 0; distance /= 2) value += __shfl_xor_sync(WholeWarp, value, distance);
    return value;
}

template <int Lanes = WarpSize>
DEVICE float warpMaximum(float value) {
#pragma unroll
    for (int distance = Lanes / 2; distance > 0; distance /= 2) value = fmaxf(value, __shfl_xor_sync(WholeWarp, value, distance));
    return value;
}

// Over a one-dimensional block of `Threads`, a multiple of 32. `scratch` is shared memory of this call alone until the next barrier: with two arrays,
// two reductions in a row need one barrier each.
template <int Threads>
DEVICE float blockSum(float value, float (&scratch)[Threads / WarpSize]) {
    value = warpSum(value);
    if (laneIndex() == 0) scratch[warpIndex()] = value;
    __syncthreads();
    value = 0.0f;
#pragma unroll
    for (int warp = 0; warp < Threads / WarpSize; warp++) value += scratch[warp];
    return value;
}

template <int Threads>
DEVICE float blockMaximum(float value, float (&scratch)[Threads / WarpSize]) {
    value = warpMaximum(value);
    if (laneIndex() == 0) scratch[warpIndex()] = value;
    __syncthreads();
    value = scratch[0];
#pragma unroll
    for (int warp = 1; warp < Threads / WarpSize; warp++) value = fmaxf(value, scratch[warp]);
    return value;
}

// ---- functions: the polynomials of the CPU device, so that both give the same digits ----

// e^x with a relative error of at most 1.2e-7: x = n ln 2 + r, e^r by a polynomial of degree 6 (Cephes, expf). Results below the normal numbers
// are zero, above 2^127 infinite; NaN stays NaN.
DEVICE float exponential(float x) {
    const float lowest = -87.33654f, highest = 88.37626f;
    float clamped = fminf(highest, fmaxf(lowest, x));
    const float toInteger = 12582912.0f;  // 1.5 * 2^23: adding it leaves no bits for a fraction
    float n = fmaf(clamped, 1.44269504088896341f, toInteger) - toInteger;
    float r = fmaf(n, -0.693359375f, clamped);
    r = fmaf(n, 2.12194440e-4f, r);
    float p = 1.9875691500e-4f;
    p = fmaf(p, r, 1.3981999507e-3f);
    p = fmaf(p, r, 8.3334519073e-3f);
    p = fmaf(p, r, 4.1665795894e-2f);
    p = fmaf(p, r, 1.6666665459e-1f);
    p = fmaf(p, r, 5.0000001201e-1f);
    p = fmaf(p, r * r, r + 1.0f);
    float result = p * __uint_as_float((unsigned)((int)n + 127) << 23);
    if (x < lowest) result = 0.0f;
    if (x > highest) result = infinity();
    return x != x ? x : result;
}

// 2^x by the hardware, relative error about 2^-22; subnormal results are zero.
DEVICE float power2(float x) {
#ifdef GPTGEN_EMULATOR
    return exp2f(x);
#else
    float result;
    asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(result) : "f"(x));
    return result;
#endif
}

// e^x for activations, softmax and losses: of a device whose numbers are bf16 by the hardware, with a relative error of at most 1e-5, otherwise
// as above. The tokens that are drawn must not depend on it.
DEVICE float quickExponential(float x) {
#if QUICK_EXPONENTIAL
    return power2(x * 1.44269504088896341f);
#else
    return exponential(x);
#endif
}

// ln x with an error of at most two units in the last place (Cephes, logf). Zero and subnormal numbers give -infinity, negative ones NaN.
DEVICE float logarithm(float x) {
    unsigned bits = __float_as_uint(x);
    int exponent = (int)(bits >> 23) - 126;
    float m = __uint_as_float((bits & 0x7fffffu) | 0x3f000000u);  // in [0.5, 1)
    if (m < 0.70710678f) {
        exponent--;
        m += m;
    }
    m -= 1.0f;
    float square = m * m;
    float p = 7.0376836292e-2f;
    p = fmaf(p, m, -1.1514610310e-1f);
    p = fmaf(p, m, 1.1676998740e-1f);
    p = fmaf(p, m, -1.2420140846e-1f);
    p = fmaf(p, m, 1.4249322787e-1f);
    p = fmaf(p, m, -1.6668057665e-1f);
    p = fmaf(p, m, 2.0000714765e-1f);
    p = fmaf(p, m, -2.4999993993e-1f);
    p = fmaf(p, m, 3.3333331174e-1f);
    float e = (float)exponent;
    float y = fmaf(e, -2.12194440e-4f, p * m * square);
    y = fmaf(-0.5f, square, y);
    float result = fmaf(e, 0.693359375f, m + y);
    if (x < 1.17549435e-38f) result = x < 0.0f ? __uint_as_float(0x7fc00000u) : -infinity();
    if (x == infinity()) result = x;
    return x != x ? x : result;
}

// 1 / (1 + e^-x), absolute error below 1.2e-7.
DEVICE float sigmoid(float x) { return 1.0f / (1.0f + quickExponential(-x)); }

// tanh x with a relative error of at most 2.4e-7; near zero by a polynomial (Cephes, tanhf). NaN stays NaN.
DEVICE float hyperbolicTangent(float x) {
    float size = fabsf(x);
    if (size > 0.625f) {
        float far = 1.0f - 2.0f / (quickExponential(2.0f * size) + 1.0f);
        return x > 0.0f ? far : -far;
    }
    float square = x * x;
    float p = -5.70498872745e-3f;
    p = fmaf(p, square, 2.06390887954e-2f);
    p = fmaf(p, square, -5.37397155531e-2f);
    p = fmaf(p, square, 1.33314422036e-1f);
    p = fmaf(p, square, -3.33332819422e-1f);
    return fmaf(p * square, x, x);
}

// The share of the standard normal distribution below x, from the complementary error function as exp of a polynomial in 1 / (1 + z / 2)
// (Press et al., Numerical Recipes, section 6.2); relative error at most 1.2e-7 in the lower tail.
DEVICE float normalCdf(float x) {
    float z = fabsf(x) * 0.7071067811865476f;
    float t = 1.0f / fmaf(z, 0.5f, 1.0f);
    float p = 0.17087277f;
    p = fmaf(p, t, -0.82215223f);
    p = fmaf(p, t, 1.48851587f);
    p = fmaf(p, t, -1.13520398f);
    p = fmaf(p, t, 0.27886807f);
    p = fmaf(p, t, -0.18628806f);
    p = fmaf(p, t, 0.09678418f);
    p = fmaf(p, t, 0.37409196f);
    p = fmaf(p, t, 1.00002368f);
    p = fmaf(p, t, -1.26551223f);
    float tail = 0.5f * t * quickExponential(fmaf(-z, z, p));
    return x > 0.0f ? 1.0f - tail : tail;
}

#endif
