// Asynchronous products of warpgroups: what a block and its threads tell them.
#pragma once
#include "fibers.h"

namespace emulator {

void prepareWarpgroups(int threads);

// A thread starts, without products; a thread returns, and must have none in flight, nor be missed in one.
void beginProducts(Fiber* fiber);
void endProducts(const Fiber* fiber);

}  // namespace emulator
