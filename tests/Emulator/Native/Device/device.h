// The device's dialect for the host's compiler. Force-included before every kernel source; stands for what NVRTC knows by itself.
#pragma once
#define GPTGEN_EMULATOR 1

typedef __SIZE_TYPE__ size_t;
typedef __PTRDIFF_TYPE__ ptrdiff_t;

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

#include "execution.h"

#define threadIdx (emulator_current->threadIndex)
#define blockIdx (emulator_current->blockIndex)
#define blockDim (emulator_current->blockSize)
#define gridDim (emulator_current->gridSize)
#define warpSize 32

#include "vectors.h"
#include "mathematics.h"
#include "collectives.h"
#include "atomics.h"
#include "matrix.h"
#include "kernel_entry.h"
