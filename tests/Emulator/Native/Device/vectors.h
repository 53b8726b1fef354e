// The built-in vector types, with the device's alignment.
#pragma once

#define EMULATOR_VECTOR2(name, scalar, alignment)                                    \
    struct alignas(alignment) name { scalar x, y; };                                 \
    static inline name make_##name(scalar x, scalar y) { return {x, y}; }
#define EMULATOR_VECTOR3(name, scalar)                                               \
    struct name { scalar x, y, z; };                                                 \
    static inline name make_##name(scalar x, scalar y, scalar z) { return {x, y, z}; }
#define EMULATOR_VECTOR4(name, scalar, alignment)                                    \
    struct alignas(alignment) name { scalar x, y, z, w; };                           \
    static inline name make_##name(scalar x, scalar y, scalar z, scalar w) { return {x, y, z, w}; }

EMULATOR_VECTOR2(float2, float, 8)
EMULATOR_VECTOR3(float3, float)
EMULATOR_VECTOR4(float4, float, 16)
EMULATOR_VECTOR2(double2, double, 16)
EMULATOR_VECTOR2(int2, int, 8)
EMULATOR_VECTOR3(int3, int)
EMULATOR_VECTOR4(int4, int, 16)
EMULATOR_VECTOR2(uint2, unsigned, 8)
EMULATOR_VECTOR4(uint4, unsigned, 16)
EMULATOR_VECTOR2(short2, short, 4)
EMULATOR_VECTOR4(short4, short, 8)
EMULATOR_VECTOR2(ushort2, unsigned short, 4)
EMULATOR_VECTOR4(ushort4, unsigned short, 8)
EMULATOR_VECTOR4(uchar4, unsigned char, 4)
EMULATOR_VECTOR2(longlong2, long long, 16)
EMULATOR_VECTOR2(ulonglong2, unsigned long long, 16)

static inline uint3 make_uint3(unsigned x, unsigned y, unsigned z) { return {x, y, z}; }
