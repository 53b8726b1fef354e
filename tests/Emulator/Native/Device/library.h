// What NVRTC knows by itself, as functions and structures in front of every kernel source. Preprocessed apart from it, so that what a kernel does not
// need of it can be left out too.
#pragma once

typedef __SIZE_TYPE__ size_t;
typedef __PTRDIFF_TYPE__ ptrdiff_t;

#include "execution.h"

#include "vectors.h"
#include "mathematics.h"
#include "collectives.h"
#include "atomics.h"
#include "matrix.h"
#include "warpgroup.h"
#include "kernel_entry.h"
