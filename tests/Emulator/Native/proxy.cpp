#include "proxy.h"

#include <vector>

#include "Device/warpgroup.h"
#include "block.h"
#include "shared_memory.h"

namespace emulator {
namespace {

struct Write {
    uint64_t time = 0;
    int thread = 0;
};

// Times of a thread's last fence and of the last one before the barrier that it met then, as a thread that is ahead fences for its next tile.
struct Fences {
    uint64_t last = 0, earlier = 0;
};

uint64_t now = 0, blockBegan = 0, lastBarrier = 0;
std::vector<Write> writes;  // for every two bytes of dynamic shared memory
std::vector<Fences> fences;

size_t cellOf(const void* address) { return (reinterpret_cast<uintptr_t>(address) - dynamicShared().start) / 2; }

}  // namespace

void prepareProxies(int threads) {
    blockBegan = lastBarrier = ++now;
    fences.assign(size_t(threads), {});
}

void noteGenericWrite(const void* address, size_t bytes) {
    if (!emulator_current || !bytes || !dynamicShared().contains(reinterpret_cast<uintptr_t>(address))) return;
    size_t first = cellOf(address), last = cellOf(static_cast<const char*>(address) + bytes - 1);
    if (writes.size() <= last) writes.resize(last + 1);
    now++;
    for (size_t i = first; i <= last; i++) writes[i] = {now, currentFiber()->index};
}

void noteBarrier() { lastBarrier = ++now; }

int unfencedWriter(const void* address) {
    size_t cell = cellOf(address);
    if (cell >= writes.size() || writes[cell].time < blockBegan) return -1;
    const Write& write = writes[cell];
    const Fences& own = fences[size_t(write.thread)];
    return write.time < (own.last < lastBarrier ? own.last : own.earlier) ? -1 : write.thread;
}

}  // namespace emulator

using namespace emulator;

extern "C" void emulator_proxy_fence() {
    Fences& own = fences[size_t(currentFiber()->index)];
    if (own.last < lastBarrier) own.earlier = own.last;
    own.last = ++now;
}
