#include "block.h"

#include <cstdio>

#include "api.h"
#include "proxy.h"
#include "reports.h"
#include "shared_memory.h"
#include "warpgroup.h"

__attribute__((visibility("default"))) EmulatorThread* emulator_current = nullptr;

namespace emulator {

Block theBlock;

namespace {

void assign(Fiber* fiber, int index) {
    const Block& b = block();
    fiber->index = index;
    fiber->blockSize = b.launch->block;
    fiber->gridSize = b.launch->grid;
    fiber->blockIndex = b.index;
    unsigned x = b.launch->block.x, y = b.launch->block.y, i = unsigned(index);
    fiber->threadIndex = {i % x, i / x % y, i / (x * y)};
    fiber->copies.clear();
    fiber->copyGroup = 0;
    beginProducts(fiber);
}

void threadMain();

// Leaves the running code, whose stack pointer goes to *save, for the next thread that can run, or for the scheduler when there is none.
void runNext(void** save) {
    Block& b = block();
    Fiber* next;
    if (b.nextReady < b.ready.size()) {
        next = b.ready[b.nextReady++];
        if (b.nextReady == b.ready.size()) {
            b.ready.clear();
            b.nextReady = 0;
        }
    } else if (b.started < b.threads) {
        next = takeFiber(threadMain);
        b.fibers.push_back(next);
        assign(next, b.started++);
    } else {
        emulator_current = nullptr;
        emulator_switch(save, b.schedulerStack);
        return;
    }
    emulator_current = next;
    emulator_switch(save, next->stackPointer);
}

void releaseBarrier() {
    Block& b = block();
    b.epoch++;
    noteBarrier();
    b.predicates[b.epoch & 1] = 0;
    b.waitingAtBarrier = 0;
    for (Fiber* fiber : b.atBarrier) wake(fiber);
    b.atBarrier.clear();
}

void finish(Fiber* fiber) {
    Block& b = block();
    Warp& warp = warpOf(fiber);
    warp.live &= ~(1u << (fiber->index & 31));
    completeAfterReturn(warp);
    endProducts(fiber);
    b.live--;
    if (b.live > 0 && b.waitingAtBarrier == b.live) {
        // Hardware lets the others go on; the programming model calls it undefined.
        if (b.launch->checked) report("divergent __syncthreads: a thread returned, others wait at line " + std::to_string(b.barrierLine));
        releaseBarrier();
    }
}

void threadMain() {
    for (;;) {
        Fiber* fiber = currentFiber();
        Block& b = block();
        b.launch->entry(b.arguments);
        finish(fiber);
        // Nobody waits to go on: the next thread takes this stack, so a kernel that never waits needs no switch at all.
        if (b.nextReady >= b.ready.size() && b.started < b.threads) {
            assign(fiber, b.started++);
            continue;
        }
        void* abandoned;
        runNext(&abandoned);
    }
}

void prepareWarps() {
    Block& b = block();
    b.warps.resize((b.threads + 31) / 32);
    for (size_t i = 0; i < b.warps.size(); i++) {
        int lanes = b.threads - int(i) * 32;
        Warp& warp = b.warps[i];
        warp.present = warp.live = lanes >= 32 ? ~0u : (1u << lanes) - 1;
        warp.epoch = 1;
        for (Collective* collective : warp.collectives) {
            collective->arrived = 0;
            collective->waiting = 0;
        }
    }
}

int runBlock() {
    Block& b = block();
    b.started = b.waitingAtBarrier = 0;
    b.live = b.threads;
    b.epoch = 1;
    b.predicates[0] = b.predicates[1] = 0;
    b.failure = 0;
    b.atBarrier.clear();
    b.ready.clear();
    b.nextReady = 0;
    prepareWarps();
    prepareWarpgroups(b.threads);
    prepareProxies(b.threads);
    prepareDynamicShared(b.launch->dynamicShared);
    runNext(&b.schedulerStack);
    for (Fiber* fiber : b.fibers) returnFiber(fiber);
    b.fibers.clear();
    emulator_current = nullptr;
    if (b.failure == 0 && b.live > 0) {
        report("deadlock: " + std::to_string(b.live) + " of " + std::to_string(b.threads) + " threads never finished, " +
               std::to_string(b.waitingAtBarrier) + " of them at __syncthreads, the others at a collective of a warp or a warpgroup");
        return LaunchFailed;
    }
    return b.failure;
}

}  // namespace

void wake(Fiber* fiber) { block().ready.push_back(fiber); }

void suspend(Fiber* fiber) {
    runNext(&fiber->stackPointer);
    emulator_current = fiber;
}

void abandonGrid(int status) {
    Block& b = block();
    b.failure = status;
    void* abandoned;
    emulator_current = nullptr;
    emulator_switch(&abandoned, b.schedulerStack);
    __builtin_unreachable();
}

int runGrid(const Launch& launch, void** arguments) {
    Block& b = block();
    int before = reportCount();
    b.launch = &launch;
    b.arguments = arguments;
    b.threads = int(launch.block.x * launch.block.y * launch.block.z);
    b.number = 0;
    b.launchNumber++;
    int status = Success;
    for (unsigned z = 0; z < launch.grid.z && status == Success; z++)
        for (unsigned y = 0; y < launch.grid.y && status == Success; y++)
            for (unsigned x = 0; x < launch.grid.x && status == Success; x++) {
                b.index = {x, y, z};
                status = runBlock();
                b.number++;
            }
    b.launch = nullptr;
    if (status != Success) return status;
    return reportCount() > before ? LaunchFailed : Success;
}

std::string describePlace() {
    const Block& b = block();
    if (!b.launch) return "";
    std::string text = " [kernel " + b.launch->kernel;
    auto triple = [](const uint3& v) {
        return "(" + std::to_string(v.x) + "," + std::to_string(v.y) + "," + std::to_string(v.z) + ")";
    };
    text += ", block " + triple(b.index);
    if (const Fiber* fiber = currentFiber()) text += ", thread " + triple(fiber->threadIndex);
    return text + "]";
}

}  // namespace emulator

using namespace emulator;

extern "C" int emulator_barrier_count(int predicate, int line) {
    Block& b = block();
    Fiber* fiber = currentFiber();
    if (b.waitingAtBarrier == 0) b.barrierLine = line;
    else if (b.barrierLine != line)
        report("divergent __syncthreads: line " + std::to_string(line) + ", others wait at line " + std::to_string(b.barrierLine));
    int slot = b.epoch & 1;
    b.predicates[slot] += predicate != 0;
    if (++b.waitingAtBarrier == b.live) {
        releaseBarrier();  // the last to arrive goes on at once
    } else {
        b.atBarrier.push_back(fiber);
        suspend(fiber);
    }
    return b.predicates[slot];
}

extern "C" void emulator_barrier(int line) { emulator_barrier_count(0, line); }
