// Mathematics that the device's compiler knows by itself. The fast forms are as exact here as the host's library.
#pragma once

#define EMULATOR_UNARY(name) static inline float name(float x) { return __builtin_##name(x); }
EMULATOR_UNARY(sqrtf) EMULATOR_UNARY(expf) EMULATOR_UNARY(exp2f) EMULATOR_UNARY(expm1f) EMULATOR_UNARY(logf) EMULATOR_UNARY(log2f)
EMULATOR_UNARY(log1pf) EMULATOR_UNARY(tanhf) EMULATOR_UNARY(erff) EMULATOR_UNARY(sinf) EMULATOR_UNARY(cosf) EMULATOR_UNARY(fabsf)
EMULATOR_UNARY(floorf) EMULATOR_UNARY(ceilf) EMULATOR_UNARY(truncf) EMULATOR_UNARY(rintf) EMULATOR_UNARY(roundf)

static inline float rsqrtf(float x) { return 1.0f / __builtin_sqrtf(x); }
static inline float fmaxf(float a, float b) { return __builtin_fmaxf(a, b); }
static inline float fminf(float a, float b) { return __builtin_fminf(a, b); }
static inline float fmaf(float a, float b, float c) { return __builtin_fmaf(a, b, c); }
static inline float powf(float a, float b) { return __builtin_powf(a, b); }
static inline float fmodf(float a, float b) { return __builtin_fmodf(a, b); }
static inline float copysignf(float a, float b) { return __builtin_copysignf(a, b); }
static inline float ldexpf(float a, int b) { return __builtin_ldexpf(a, b); }
static inline double sqrt(double x) { return __builtin_sqrt(x); }
static inline double exp(double x) { return __builtin_exp(x); }
static inline double log(double x) { return __builtin_log(x); }
static inline double fma(double a, double b, double c) { return __builtin_fma(a, b, c); }
static inline bool isnan(float x) { return __builtin_isnan(x); }
static inline bool isinf(float x) { return __builtin_isinf(x); }
static inline bool isfinite(float x) { return __builtin_isfinite(x); }

static inline float __expf(float x) { return expf(x); }
static inline float __logf(float x) { return logf(x); }
static inline float __log2f(float x) { return log2f(x); }
static inline float __powf(float a, float b) { return powf(a, b); }
static inline float __fdividef(float a, float b) { return a / b; }
static inline float __frcp_rn(float x) { return 1.0f / x; }
static inline float __fsqrt_rn(float x) { return sqrtf(x); }
// Never part of a fused operation, so the compiler must not see through.
static inline float emulator_rounded(float x) {
#if defined(__x86_64__)
    __asm__("" : "+x"(x));
#else
    __asm__("" : "+w"(x));
#endif
    return x;
}
static inline float __fadd_rn(float a, float b) { return emulator_rounded(a + b); }
static inline float __fmul_rn(float a, float b) { return emulator_rounded(a * b); }
static inline float __fmaf_rn(float a, float b, float c) { return fmaf(a, b, c); }
static inline float __saturatef(float x) { return x > 0 ? (x < 1 ? x : 1.0f) : 0.0f; }

template <class To, class From>
static inline To emulator_bits(From from) {
    static_assert(sizeof(To) == sizeof(From), "");
    To to;
    __builtin_memcpy(&to, &from, sizeof to);
    return to;
}
static inline float __uint_as_float(unsigned x) { return emulator_bits<float>(x); }
static inline unsigned __float_as_uint(float x) { return emulator_bits<unsigned>(x); }
static inline float __int_as_float(int x) { return emulator_bits<float>(x); }
static inline int __float_as_int(float x) { return emulator_bits<int>(x); }
static inline int __float2int_rn(float x) { return (int)__builtin_rintf(x); }
static inline int __float2int_rd(float x) { return (int)__builtin_floorf(x); }
static inline int __float2int_rz(float x) { return (int)x; }
static inline float __int2float_rn(int x) { return (float)x; }
static inline float __uint2float_rn(unsigned x) { return (float)x; }

static inline unsigned __umulhi(unsigned a, unsigned b) { return (unsigned)((unsigned long long)a * b >> 32); }
static inline int __mulhi(int a, int b) { return (int)((long long)a * b >> 32); }
static inline unsigned long long __umul64hi(unsigned long long a, unsigned long long b) {
    return (unsigned long long)((unsigned __int128)a * b >> 64);
}
static inline int __popc(unsigned x) { return __builtin_popcount(x); }
static inline int __popcll(unsigned long long x) { return __builtin_popcountll(x); }
static inline int __clz(int x) { return x ? __builtin_clz((unsigned)x) : 32; }
static inline int __ffs(int x) { return __builtin_ffs(x); }
static inline unsigned __brev(unsigned x) {
    unsigned reversed = 0;
    for (int i = 0; i < 32; i++) reversed |= (x >> i & 1) << (31 - i);
    return reversed;
}
static inline unsigned __funnelshift_l(unsigned low, unsigned high, unsigned shift) {
    shift &= 31;
    return shift ? high << shift | low >> (32 - shift) : high;
}
static inline unsigned __funnelshift_r(unsigned low, unsigned high, unsigned shift) {
    shift &= 31;
    return shift ? low >> shift | high << (32 - shift) : low;
}
static inline unsigned __byte_perm(unsigned x, unsigned y, unsigned selector) {
    unsigned long long bytes = (unsigned long long)y << 32 | x;
    unsigned result = 0;
    for (int i = 0; i < 4; i++) result |= (unsigned)(bytes >> ((selector >> 4 * i & 7) * 8) & 255) << 8 * i;
    return result;
}

#define EMULATOR_MINMAX(type)                                          \
    static inline type min(type a, type b) { return a < b ? a : b; }  \
    static inline type max(type a, type b) { return a > b ? a : b; }
EMULATOR_MINMAX(int) EMULATOR_MINMAX(unsigned) EMULATOR_MINMAX(long) EMULATOR_MINMAX(unsigned long)
EMULATOR_MINMAX(long long) EMULATOR_MINMAX(unsigned long long)
static inline float min(float a, float b) { return fminf(a, b); }
static inline float max(float a, float b) { return fmaxf(a, b); }
static inline int abs(int x) { return x < 0 ? -x : x; }

template <class T>
static inline T __ldg(const T* address) { return *address; }
template <class T>
static inline T __ldcg(const T* address) { return *address; }
template <class T>
static inline T __ldcs(const T* address) { return *address; }
template <class T>
static inline void __stcs(T* address, T value) { *address = value; }
