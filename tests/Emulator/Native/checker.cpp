#include "checker.h"

#include <cstdio>
#include <cstdlib>
#include <list>

#include "block.h"
#include "memory.h"
#include "reports.h"

namespace emulator {

Shadow::~Shadow() { std::free(cells_); }

Cell* Shadow::cells(size_t bytes) {
    // calloc's zeroes are the cells' initial state, and its pages are not touched here.
    if (!cells_) cells_ = static_cast<Cell*>(std::calloc(bytes / 2 + 1, sizeof(Cell)));
    return cells_;
}

namespace {

struct ModuleRange {
    const void* module;
    Range range;
    bool writable;
    Shadow shadow;
};

std::list<ModuleRange> moduleRanges;
Shadow dynamicShadow;

// The memory behind an address: its cells and whether it belongs to one block only.
struct Watched {
    Cell* cells = nullptr;
    uintptr_t start = 0;
    bool shared = false;
    bool ignored = false;
};

std::string hexadecimal(uintptr_t value) {
    char text[32];
    std::snprintf(text, sizeof text, "0x%llx", static_cast<unsigned long long>(value));
    return text;
}

std::string verb(Access access) { return access == Access::Read ? "read" : access == Access::Atomic ? "atomic operation" : "write"; }

Watched locate(uintptr_t address, size_t bytes, Access access) {
    if (dynamicSharedWithMargin().contains(address)) {
        Range dynamic = dynamicShared();
        if (address < dynamic.start || address + bytes > dynamic.end) {
            report(verb(access) + " of " + std::to_string(bytes) + " bytes outside the " + std::to_string(dynamic.end - dynamic.start) +
                   " bytes of dynamic shared memory");
            abandonGrid(IllegalAddress);
        }
        Range whole = dynamicSharedWithMargin();
        return {dynamicShadow.cells(whole.end - whole.start), whole.start, true, false};
    }
    for (ModuleRange& module : moduleRanges)
        if (module.range.contains(address)) {
            if (!module.writable) return {nullptr, 0, false, true};
            return {module.shadow.cells(module.range.end - module.range.start), module.range.start, true, false};
        }
    if (Allocation* allocation = findAllocation(address, bytes)) return
    {
        allocation->shadow.cells(allocation->bytes), allocation->start, false, false,
    };
    std::string near;
    if (Allocation* inside = findAllocation(address, 0))
        near = ", " + std::to_string(address + bytes - inside->start - inside->bytes) + " bytes past the end of an allocation of " +
               std::to_string(inside->bytes);
    report("invalid global " + verb(access) + " of " + std::to_string(bytes) + " bytes at " + hexadecimal(address) + near);
    abandonGrid(IllegalAddress);
}

// Whether what `stamp` did is certain to come before what happens now, in every order in which hardware may run the threads.
bool isOrdered(const Stamp& stamp, const Stamp& now, bool shared) {
    if (stamp.launch != now.launch) return true;
    if (stamp.block != now.block) return shared;  // another block's shared memory is other memory
    if (stamp.thread == now.thread || stamp.barrier != now.barrier) return true;
    return stamp.thread >> 5 == now.thread >> 5 && stamp.sync != now.sync;
}

bool readersAreOrdered(const Cell& cell, const Stamp& now, bool shared) {
    if (cell.read.launch != now.launch) return true;
    if (cell.severalBlocks && !shared) return false;
    if (!isOrdered(cell.read, now, shared)) return false;
    bool sameInterval = cell.read.block == now.block && cell.read.barrier == now.barrier;
    return !(cell.severalThreads && sameInterval && cell.read.sync == now.sync);
}

void reportRace(const char* what, const Stamp& other, bool shared, uintptr_t address) {
    report(std::string("race: ") + what + " thread " + std::to_string(other.thread) + " of block " + std::to_string(other.block) + " on " +
           (shared ? "shared" : "global") + " memory at " + hexadecimal(address));
}

void noteRead(Cell& cell, const Stamp& now) {
    const Stamp& last = cell.read;
    bool sameLaunch = last.launch == now.launch;
    bool sameBlock = sameLaunch && last.block == now.block;
    bool sameInterval = sameBlock && last.barrier == now.barrier && last.sync == now.sync;
    cell.severalThreads = sameInterval && (cell.severalThreads || last.thread != now.thread);
    cell.severalBlocks = sameLaunch && (cell.severalBlocks || !sameBlock);
    cell.read = now;
}

// False when something was wrong: one report an access is enough.
bool visit(Cell& cell, const Stamp& now, Access access, bool shared, uintptr_t address) {
    bool bothAtomic = access == Access::Atomic && cell.atomic;
    if (cell.write.launch && !bothAtomic && !isOrdered(cell.write, now, shared)) {
        reportRace(access == Access::Read ? "read after a write by" : "write after a write by", cell.write, shared, address);
        cell.write = {};
        return false;
    }
    if (access == Access::Read) {
        if (shared && (cell.write.launch != now.launch || cell.write.block != now.block)) {
            report("read of shared memory that nobody has written, a missing write or barrier, at " + hexadecimal(address));
            cell.write = now;
            return false;
        }
        noteRead(cell, now);
        return true;
    }
    if (cell.read.launch && !readersAreOrdered(cell, now, shared)) {
        reportRace("write after a read by", cell.read, shared, address);
        cell.read = {};
        return false;
    }
    if (access == Access::Overwrite) return true;
    cell.write = now;
    cell.atomic = access == Access::Atomic;
    return true;
}

}  // namespace

void checkAccess(void* pointer, size_t bytes, Access access) {
    auto address = reinterpret_cast<uintptr_t>(pointer);
    if (!emulator_current || isEmulatorMemory(pointer) || pointer == &emulator_current) return;
    const Block& b = block();
    if (!b.launch->checked) return;
    Watched memory = locate(address, bytes, access);
    if (memory.ignored) return;
    const Fiber* fiber = currentFiber();
    Stamp now{b.launchNumber, b.number, b.epoch, warpOf(fiber).epoch, uint16_t(fiber->index)};
    for (uintptr_t at = address & ~uintptr_t(1); at < address + bytes; at += 2)
        if (!visit(memory.cells[(at - (memory.start & ~uintptr_t(1))) / 2], now, access, memory.shared, at)) return;
}

void watchModule(const void* module, Range range, bool writable) {
    ModuleRange& added = moduleRanges.emplace_back();
    added.module = module;
    added.range = range;
    added.writable = writable;
}

void forgetModule(const void* module) {
    for (auto at = moduleRanges.begin(); at != moduleRanges.end();)
        at = at->module == module ? moduleRanges.erase(at) : std::next(at);
}

}  // namespace emulator

extern "C" void emulator_atomic_access(void* address, int bytes) { emulator::checkAccess(address, size_t(bytes), emulator::Access::Atomic); }
