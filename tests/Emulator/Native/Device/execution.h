// What the emulator and the kernels compiled against it share: where a thread stands, and the calls that let it wait.
#pragma once

struct uint3 {
    unsigned x, y, z;
};

struct dim3 {
    unsigned x, y, z;
};

struct EmulatorThread {
    uint3 threadIndex, blockIndex;
    dim3 blockSize, gridSize;
};

// What the lanes of a warp gave to one collective.
struct EmulatorExchange {
    unsigned participants;
    alignas(16) char slots[32][64];
};

enum EmulatorCollective { EmulatorSync, EmulatorShuffle, EmulatorVote, EmulatorReduce, EmulatorMatch, EmulatorMatrix };

#pragma GCC visibility push(default)
extern "C" {
extern EmulatorThread* emulator_current;
void emulator_barrier(int line);
int emulator_barrier_count(int predicate, int line);
const EmulatorExchange* emulator_gather(unsigned mask, const void* value, int bytes, EmulatorCollective kind, int line);
void emulator_inactive_source(int lane, int line);
void* emulator_dynamic_shared();
void emulator_atomic_access(void* address, int bytes);
void emulator_copy_async(void* target, const void* source, int bytes, int sourceBytes);
void emulator_copy_commit();
void emulator_copy_wait(int groupsInFlight);
}
#pragma GCC visibility pop
