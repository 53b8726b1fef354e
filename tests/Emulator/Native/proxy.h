// What the asynchronous proxy may read: stores and the copies of cp.async become visible to it by a fence of their thread and a barrier after that.
#pragma once
#include <cstddef>

namespace emulator {

// Forgets what earlier blocks wrote.
void prepareProxies(int threads);

// The running thread writes, or all threads have met.
void noteGenericWrite(const void* address, size_t bytes);
void noteBarrier();

// The thread whose write at this address no fence and barrier has made visible; -1: none.
int unfencedWriter(const void* address);

}  // namespace emulator
