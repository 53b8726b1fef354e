// Conversions between f32 and the formats that matrix products take, to the nearest value, ties to even.
#pragma once
#include <cstdint>
#include <cstring>

namespace emulator {

inline uint32_t bitsOf(float value) {
    uint32_t bits;
    std::memcpy(&bits, &value, sizeof bits);
    return bits;
}

inline float floatOf(uint32_t bits) {
    float value;
    std::memcpy(&value, &bits, sizeof value);
    return value;
}

// Keeps the upper 32 - `dropped` bits; NaN stays NaN.
inline float roundBits(float value, int dropped) {
    uint32_t bits = bitsOf(value);
    if ((bits & 0x7fffffff) > 0x7f800000) return value;
    uint32_t half = (1u << (dropped - 1)) - 1, odd = bits >> dropped & 1;
    return floatOf((bits + half + odd) >> dropped << dropped);
}

inline float roundToTf32(float value) { return roundBits(value, 13); }
inline float roundToBf16(float value) { return roundBits(value, 16); }

inline float bf16ToFloat(uint16_t bits) { return floatOf(uint32_t(bits) << 16); }
inline uint16_t floatToBf16(float value) {
    if (value != value) return 0x7fff;
    return uint16_t(bitsOf(roundToBf16(value)) >> 16);
}

inline float halfToFloat(uint16_t bits) {
    uint32_t sign = uint32_t(bits & 0x8000) << 16, exponent = bits >> 10 & 31, mantissa = bits & 1023;
    if (exponent == 31) return floatOf(sign | 0x7f800000 | mantissa << 13);
    if (exponent == 0) {
        float magnitude = float(mantissa) * 0x1p-24f;
        return sign ? -magnitude : magnitude;
    }
    return floatOf(sign | (exponent + 112) << 23 | mantissa << 13);
}

inline uint16_t floatToHalf(float value) {
    uint32_t bits = bitsOf(value), sign = bits >> 16 & 0x8000, magnitude = bits & 0x7fffffff;
    if (magnitude > 0x7f800000) return uint16_t(sign | 0x7fff);
    if (magnitude >= 0x477ff000) return uint16_t(sign | 0x7c00);  // rounds beyond 65504
    if (magnitude < 0x38800000) {                                 // a subnormal: the sum rounds at its last bit
        uint32_t shifted = bitsOf(floatOf(magnitude) + 0.5f) - bitsOf(0.5f);
        return uint16_t(sign | shifted);
    }
    uint32_t rounded = magnitude + 0xfff + (magnitude >> 13 & 1);
    return uint16_t(sign | ((rounded >> 13) - (112 << 10)));
}

}  // namespace emulator
