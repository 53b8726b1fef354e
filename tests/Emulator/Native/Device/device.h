// The device's dialect for the host's compiler, force-included before every kernel source: words that are macros here. `library.h` is the rest.
#pragma once
#define GPTGEN_EMULATOR 1

#define __global__
#define __device__
#define __host__
#define __constant__ const
#define __shared__ static
#define __restrict__ __restrict
#define __launch_bounds__(...)
#define __forceinline__ inline __attribute__((always_inline))
#define __align__(n) __attribute__((aligned(n)))
// __noinline__ is left alone: the compiler's own headers and attributes spell it too.

#define threadIdx (emulator_current->threadIndex)
#define blockIdx (emulator_current->blockIndex)
#define blockDim (emulator_current->blockSize)
#define gridDim (emulator_current->gridSize)
#define warpSize 32

#define EMULATOR_EXPORT extern "C" __attribute__((visibility("default"), used))
#define EMULATOR_KERNEL(symbol, threads, ...)                                                                        \
    EMULATOR_EXPORT void emulator_kernel_##symbol(void** arguments) { EmulatorEntry<&__VA_ARGS__>::call(arguments); } \
    EMULATOR_EXPORT const int* emulator_parameters_##symbol() { return EmulatorParameters<&__VA_ARGS__, threads>::list; }
