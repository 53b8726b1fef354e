// Runs one block of threads at a time: starts them, lets them wait for each other, and notices when they never meet.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "fibers.h"

namespace emulator {

using KernelEntry = void (*)(void** arguments);

struct Launch {
    std::string kernel;
    KernelEntry entry = nullptr;
    dim3 grid{1, 1, 1};
    dim3 block{1, 1, 1};
    unsigned dynamicShared = 0;
    bool checked = false;
};

struct Collective {
    unsigned mask = 0;
    unsigned arrived = 0;
    unsigned sequence = 0;  // its lowest bit picks the buffer, so that a quick lane cannot overwrite what a slow one still reads
    EmulatorCollective kind = EmulatorSync;
    int waiting = 0;
    Fiber* waiters[32];
    EmulatorExchange exchange[2];
};

struct Warp {
    unsigned present = 0;  // lanes that exist
    unsigned live = 0;     // lanes that have not returned
    uint32_t epoch = 1;    // grows with every __syncwarp
    std::vector<Collective*> collectives;
};

struct Block {
    const Launch* launch = nullptr;
    void** arguments = nullptr;
    uint3 index{0, 0, 0};
    uint32_t number = 0;        // of the block in its launch
    uint32_t launchNumber = 0;  // of the launch in this process
    int threads = 0, started = 0, live = 0, waitingAtBarrier = 0;
    uint32_t epoch = 1;  // grows with every __syncthreads
    int barrierLine = 0;
    int predicates[2] = {0, 0};
    int failure = 0;  // a status that ends the block at once
    std::vector<Fiber*> fibers, atBarrier, ready;
    size_t nextReady = 0;
    std::vector<Warp> warps;
    void* schedulerStack = nullptr;
};

// Of the thread that runs kernels. A plain variable: one inside a function would be asked at each use whether it exists.
extern Block theBlock;
inline Block& block() { return theBlock; }
inline Fiber* currentFiber() { return static_cast<Fiber*>(emulator_current); }
inline Warp& warpOf(const Fiber* fiber) { return block().warps[fiber->index >> 5]; }

// Runs every block of the grid; a CUresult.
int runGrid(const Launch& launch, void** arguments);

// Lets the running thread wait until `wake` is called for it.
void suspend(Fiber* fiber);
void wake(Fiber* fiber);

// Lets the lanes go on that waited only for one that has returned.
void completeAfterReturn(Warp& warp);

// Ends the whole grid before the faulty access happens; does not return.
[[noreturn]] void abandonGrid(int status);

// " [kernel k, block (0,0,0), thread (1,0,0)]", or nothing outside a kernel.
std::string describePlace();

}  // namespace emulator
