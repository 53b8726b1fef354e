// Activation functions and their slopes; the formulas of the CPU device. `Function` is the number of the enum Activation. Comes after packs.cuh.
#ifndef GPTGEN_ACTIVATION
#define GPTGEN_ACTIVATION

enum { GeluTanh, GeluErf, Relu, Tanh, Silu };

// 2 sqrt(2 / pi), and the same x 0.044715.
constexpr float GeluLinear = 1.5957691216057308f, GeluCubic = GeluLinear * 0.044715f;

// 0.5 (1 + tanh u) as sigmoid(2 u), which loses no digits below zero.
DEVICE float geluTanhShare(float x) {
    return sigmoid(x * fmaf(x * x, GeluCubic, GeluLinear));
}

template <int Function>
DEVICE float value(float x) {
    if constexpr (Function == GeluTanh)
        return x * geluTanhShare(x);
    else if constexpr (Function == GeluErf)
        return x * normalCdf(x);
    else if constexpr (Function == Tanh)
        return hyperbolicTangent(x);
    else if constexpr (Function == Silu)
        return x * sigmoid(x);
    else
        return fmaxf(x, 0.0f);
}

template <int Function>
DEVICE float slope(float x) {
    if constexpr (Function == GeluTanh) {
        float share = geluTanhShare(x);
        return fmaf(x, share * (1.0f - share) * fmaf(x * x, 3.0f * GeluCubic, GeluLinear), share);
    } else if constexpr (Function == GeluErf) {
        float density = quickExponential(-0.5f * x * x) * 0.3989422804014327f;
        return fmaf(x, density, normalCdf(x));
    } else if constexpr (Function == Tanh) {
        float e = quickExponential(-2.0f * fabsf(x));
        return 4.0f * e / ((1.0f + e) * (1.0f + e));
    } else if constexpr (Function == Silu) {
        // sigmoid(|x|) and sigmoid(-|x|).
        float e = quickExponential(-fabsf(x)), larger = 1.0f / (1.0f + e), smaller = e * larger;
        return fmaf(x, larger * smaller, x > 0.0f ? larger : smaller);
    } else {
        return x > 0.0f ? 1.0f : 0.0f;
    }
}

#endif
