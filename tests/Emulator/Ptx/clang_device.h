// What NVRTC knows by itself and clang does not without the CUDA toolkit's headers. For `clang++ -x cuda --cuda-device-only -nocudainc -nocudalib`
// only.
#pragma once

typedef __SIZE_TYPE__ size_t;
typedef __PTRDIFF_TYPE__ ptrdiff_t;

#define __global__ __attribute__((global))
#define __device__ __attribute__((device))
#define __host__ __attribute__((host))
#define __shared__ __attribute__((shared))
#define __constant__ __attribute__((constant))
#define __launch_bounds__(...) __attribute__((launch_bounds(__VA_ARGS__)))
#define __forceinline__ __inline__ __attribute__((always_inline))
#define __align__(n) __attribute__((aligned(n)))

#include <__clang_cuda_builtin_vars.h>

#define BUILTIN static __device__ __forceinline__

// The compiler's variables convert to these.
struct uint3 { unsigned x, y, z; };
struct dim3 { unsigned x, y, z; };

#define VECTOR2(name, scalar, alignment)                              \
    struct __attribute__((aligned(alignment))) name { scalar x, y; }; \
    BUILTIN name make_##name(scalar x, scalar y) { return {x, y}; }
#define VECTOR4(name, scalar, alignment)                                    \
    struct __attribute__((aligned(alignment))) name { scalar x, y, z, w; }; \
    BUILTIN name make_##name(scalar x, scalar y, scalar z, scalar w) { return {x, y, z, w}; }
VECTOR2(float2, float, 8)
VECTOR4(float4, float, 16)
VECTOR2(int2, int, 8)
VECTOR4(int4, int, 16)
VECTOR2(uint2, unsigned, 8)
VECTOR4(uint4, unsigned, 16)
VECTOR2(ushort2, unsigned short, 4)
VECTOR4(ushort4, unsigned short, 8)

BUILTIN void __syncwarp(unsigned mask = 0xffffffffu) { __nvvm_bar_warp_sync(mask); }
BUILTIN int __syncthreads_count(int predicate) { return __nvvm_bar0_popc(predicate); }
BUILTIN int __syncthreads_or(int predicate) { return __nvvm_bar0_or(predicate); }
BUILTIN int __syncthreads_and(int predicate) { return __nvvm_bar0_and(predicate); }
BUILTIN void __threadfence() { __nvvm_membar_gl(); }

#define SHUFFLE(name, kind, argument, limit)                                                                      \
    BUILTIN int name(unsigned mask, int value, argument, int width = 32) {                                        \
        return __nvvm_shfl_sync_##kind##_i32(mask, value, (int)source, ((32 - width) << 8) | limit);              \
    }                                                                                                             \
    BUILTIN unsigned name(unsigned mask, unsigned value, argument, int width = 32) {                              \
        return (unsigned)__nvvm_shfl_sync_##kind##_i32(mask, (int)value, (int)source, ((32 - width) << 8) | limit); \
    }                                                                                                             \
    BUILTIN float name(unsigned mask, float value, argument, int width = 32) {                                    \
        return __nvvm_shfl_sync_##kind##_f32(mask, value, (int)source, ((32 - width) << 8) | limit);              \
    }
SHUFFLE(__shfl_sync, idx, int source, 0x1f)
SHUFFLE(__shfl_xor_sync, bfly, int source, 0x1f)
SHUFFLE(__shfl_down_sync, down, unsigned source, 0x1f)
SHUFFLE(__shfl_up_sync, up, unsigned source, 0)
#define SHUFFLE_HALVES(name, argument)                                                                            \
    BUILTIN unsigned long long name(unsigned mask, unsigned long long value, argument, int width = 32) {          \
        unsigned low = name(mask, (unsigned)value, source, width), high = name(mask, (unsigned)(value >> 32), source, width); \
        return (unsigned long long)high << 32 | low;                                                              \
    }
SHUFFLE_HALVES(__shfl_sync, int source)
SHUFFLE_HALVES(__shfl_xor_sync, int source)
SHUFFLE_HALVES(__shfl_down_sync, unsigned source)
SHUFFLE_HALVES(__shfl_up_sync, unsigned source)

BUILTIN unsigned __ballot_sync(unsigned mask, int predicate) { return __nvvm_vote_ballot_sync(mask, predicate); }
BUILTIN int __any_sync(unsigned mask, int predicate) { return __nvvm_vote_any_sync(mask, predicate); }
BUILTIN int __all_sync(unsigned mask, int predicate) { return __nvvm_vote_all_sync(mask, predicate); }
BUILTIN unsigned __match_any_sync(unsigned mask, unsigned value) { return __nvvm_match_any_sync_i32(mask, value); }

BUILTIN int atomicAdd(int* address, int value) { return __nvvm_atom_add_gen_i(address, value); }
BUILTIN unsigned atomicAdd(unsigned* address, unsigned value) { return (unsigned)__nvvm_atom_add_gen_i((int*)address, (int)value); }
BUILTIN unsigned long long atomicAdd(unsigned long long* address, unsigned long long value) {
    return (unsigned long long)__nvvm_atom_add_gen_ll((long long*)address, (long long)value);
}
BUILTIN float atomicAdd(float* address, float value) { return __nvvm_atom_add_gen_f(address, value); }
BUILTIN int atomicMax(int* address, int value) { return __nvvm_atom_max_gen_i(address, value); }
BUILTIN int atomicMin(int* address, int value) { return __nvvm_atom_min_gen_i(address, value); }
BUILTIN unsigned atomicOr(unsigned* address, unsigned value) { return (unsigned)__nvvm_atom_or_gen_i((int*)address, (int)value); }

// Instructions that the back end has without a device library. Others, as expf and tanhf, need one: the prelude has its own.
BUILTIN float sqrtf(float x) { return __nvvm_sqrt_rn_f(x); }
BUILTIN float rsqrtf(float x) { return __nvvm_rsqrt_approx_f(x); }
BUILTIN float fmaf(float a, float b, float c) { return __nvvm_fma_rn_f(a, b, c); }
BUILTIN float fmaxf(float a, float b) { return __nvvm_fmax_f(a, b); }
BUILTIN float fminf(float a, float b) { return __nvvm_fmin_f(a, b); }
BUILTIN float fabsf(float x) { return __builtin_fabsf(x); }
BUILTIN float floorf(float x) { return __builtin_floorf(x); }
BUILTIN float ceilf(float x) { return __builtin_ceilf(x); }
BUILTIN float truncf(float x) { return __builtin_truncf(x); }
BUILTIN float rintf(float x) { return __builtin_rintf(x); }
BUILTIN float copysignf(float a, float b) { return __builtin_copysignf(a, b); }
BUILTIN float __fdividef(float a, float b) { return __nvvm_div_approx_f(a, b); }
BUILTIN float __frcp_rn(float x) { return __nvvm_rcp_rn_f(x); }
BUILTIN float __fadd_rn(float a, float b) { return __nvvm_add_rn_f(a, b); }
BUILTIN float __fmul_rn(float a, float b) { return __nvvm_mul_rn_f(a, b); }
BUILTIN float __fmaf_rn(float a, float b, float c) { return __nvvm_fma_rn_f(a, b, c); }
BUILTIN double sqrt(double x) { return __nvvm_sqrt_rn_d(x); }
BUILTIN double fma(double a, double b, double c) { return __nvvm_fma_rn_d(a, b, c); }
BUILTIN float __expf(float x) {
    float y;
    asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x * 1.4426950408889634f));
    return y;
}
BUILTIN float __log2f(float x) {
    float y;
    asm("lg2.approx.f32 %0, %1;" : "=f"(y) : "f"(x));
    return y;
}
BUILTIN float __logf(float x) { return __log2f(x) * 0.6931471805599453f; }

BUILTIN float __uint_as_float(unsigned x) { return __builtin_bit_cast(float, x); }
BUILTIN unsigned __float_as_uint(float x) { return __builtin_bit_cast(unsigned, x); }
BUILTIN float __int_as_float(int x) { return __builtin_bit_cast(float, x); }
BUILTIN int __float_as_int(float x) { return __builtin_bit_cast(int, x); }
BUILTIN int __float2int_rn(float x) { return __nvvm_f2i_rn(x); }
BUILTIN int __float2int_rz(float x) { return __nvvm_f2i_rz(x); }
BUILTIN unsigned __umulhi(unsigned a, unsigned b) { return __nvvm_mulhi_ui(a, b); }
BUILTIN unsigned long long __umul64hi(unsigned long long a, unsigned long long b) { return __nvvm_mulhi_ull(a, b); }
BUILTIN int __popc(unsigned x) { return __builtin_popcount(x); }
BUILTIN int __clz(int x) { return x ? __builtin_clz((unsigned)x) : 32; }
BUILTIN int __ffs(int x) { return __builtin_ffs(x); }
BUILTIN bool isnan(float x) { return x != x; }
BUILTIN bool isinf(float x) { return fabsf(x) == __builtin_huge_valf(); }
BUILTIN bool isfinite(float x) { return fabsf(x) < __builtin_huge_valf(); }

#define MINMAX(type)                                        \
    BUILTIN type min(type a, type b) { return a < b ? a : b; } \
    BUILTIN type max(type a, type b) { return a > b ? a : b; }
MINMAX(int) MINMAX(unsigned) MINMAX(long) MINMAX(unsigned long) MINMAX(long long) MINMAX(unsigned long long)
BUILTIN float min(float a, float b) { return fminf(a, b); }
BUILTIN float max(float a, float b) { return fmaxf(a, b); }
BUILTIN int abs(int x) { return x < 0 ? -x : x; }

template <class T>
BUILTIN T __ldg(const T* address) { return *address; }
template <class T>
BUILTIN T __ldcs(const T* address) { return *address; }
template <class T>
BUILTIN void __stcs(T* address, T value) { *address = value; }

#undef BUILTIN
#undef VECTOR2
#undef VECTOR4
#undef SHUFFLE
#undef SHUFFLE_HALVES
#undef MINMAX
