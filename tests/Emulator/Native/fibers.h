// One fiber for every CUDA thread that has to wait; a thread that never waits lends its stack to the next one.
#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

#include "Device/execution.h"

namespace emulator {

struct PendingCopy {
    void* target;
    const void* source;
    int bytes;        // written at the target
    int sourceBytes;  // read; the rest is zero
    int group;
};

// A factor of an asynchronous product, which the tensor core may read until the product's group is waited for.
struct FactorRead {
    const uint16_t* address;
    uint16_t seen;
    int group;
};

// A thread's numbers of the asynchronous products into the same registers.
struct PendingSum {
    float* target;
    std::vector<float> value;
    std::vector<FactorRead> reads;
    int group;  // of the last product
    int line;
};

struct Fiber : EmulatorThread {
    void* stackPointer = nullptr;
    void** stackTop = nullptr;
    int index = 0;  // of the thread in its block
    std::vector<PendingCopy> copies;
    int copyGroup = 0;
    std::vector<PendingSum> sums;
    int productGroup = 0;
    bool hasFenced = false;            // its registers for products, since the kernel began
    std::vector<float*> unfencedSums;  // what came back from products since then
};

// Saves the stack pointer of the running fiber into *from and continues at `to`.
extern "C" void emulator_switch(void** from, void* to);

// A fiber that begins at `entry` when it is switched to.
Fiber* takeFiber(void (*entry)());
void returnFiber(Fiber* fiber);

// Memory that lives as long as the process, beside the stacks: the checker leaves this whole range alone.
void* allocateForever(size_t bytes, size_t alignment);
bool isEmulatorMemory(const void* address);

}  // namespace emulator
