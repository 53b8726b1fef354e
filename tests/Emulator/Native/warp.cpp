// Warp collectives. All of them are one exchange: each lane gives a value, waits for the lanes of its mask, and reads what it wants.
#include <cstring>
#include <new>

#include "block.h"
#include "reports.h"

namespace emulator {
namespace {

Collective* collectiveFor(Warp& warp, unsigned mask) {
    for (Collective* collective : warp.collectives)
        if (collective->mask == mask) return collective;
    auto* created = new (allocateForever(sizeof(Collective), 64)) Collective;
    created->mask = mask;
    warp.collectives.push_back(created);
    return created;
}

// Lanes that returned need not take part; reading from one is an error of its own.
bool isComplete(const Warp& warp, const Collective& collective) {
    unsigned expected = collective.mask & warp.live;
    return (collective.arrived & expected) == expected;
}

void complete(Warp& warp, Collective& collective) {
    collective.exchange[collective.sequence & 1].participants = collective.arrived;
    collective.arrived = 0;
    collective.sequence++;
    if (collective.kind == EmulatorSync) warp.epoch++;  // the other collectives order no memory
    for (int i = 0; i < collective.waiting; i++) wake(collective.waiters[i]);
    collective.waiting = 0;
}

}  // namespace

void completeAfterReturn(Warp& warp) {
    for (Collective* collective : warp.collectives)
        if (collective->waiting > 0 && isComplete(warp, *collective)) complete(warp, *collective);
}

}  // namespace emulator

using namespace emulator;

extern "C" const EmulatorExchange* emulator_gather(unsigned mask, const void* value, int bytes, EmulatorCollective kind, int line) {
    Fiber* fiber = currentFiber();
    Warp& warp = warpOf(fiber);
    int lane = fiber->index & 31;
    if (!(mask >> lane & 1)) {
        report("warp collective at line " + std::to_string(line) + ": the calling lane is not in its mask");
        mask |= 1u << lane;
    }
    Collective* collective = collectiveFor(warp, mask);
    if (collective->arrived != 0 && collective->kind != kind)
        report("warp collective at line " + std::to_string(line) + ": lanes of one mask met in different operations");
    collective->kind = kind;
    EmulatorExchange& exchange = collective->exchange[collective->sequence & 1];
    if (bytes) std::memcpy(exchange.slots[lane], value, size_t(bytes));
    collective->arrived |= 1u << lane;
    if (isComplete(warp, *collective)) {
        complete(warp, *collective);
    } else {
        collective->waiters[collective->waiting++] = fiber;
        suspend(fiber);
    }
    return &exchange;
}

extern "C" void emulator_inactive_source(int lane, int line) {
    report("shuffle at line " + std::to_string(line) + " reads lane " + std::to_string(lane) + ", which takes no part");
}
