// One fiber for every CUDA thread that has to wait; a thread that never waits lends its stack to the next one.
#pragma once
#include <cstddef>
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

struct Fiber : EmulatorThread {
    void* stackPointer = nullptr;
    void** stackTop = nullptr;
    int index = 0;  // of the thread in its block
    std::vector<PendingCopy> copies;
    int copyGroup = 0;
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
