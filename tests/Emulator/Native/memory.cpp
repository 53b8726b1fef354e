#include "memory.h"

#include <sys/mman.h>

#include <cstring>
#include <map>
#include <memory>

#include "settings.h"

namespace emulator {
namespace {

constexpr size_t PageBytes = 4096;
constexpr size_t Guard = 1 << 20;           // unmapped room on both sides: a wild access faults instead of reaching a neighbour
constexpr size_t PoisonLimit = 64u << 20;   // filling more would only cost time
constexpr size_t Alignment = 256;           // as the driver promises

std::map<uintptr_t, std::unique_ptr<Allocation>> allocations;
size_t allocated = 0;

}  // namespace

int allocateDevice(DevicePointer* pointer, size_t bytes) {
    if (!pointer || bytes == 0) return InvalidValue;
    if (bytes > settings().memory || allocated > settings().memory - bytes) return OutOfMemory;
    // The end, not the start, touches the guard: most wrong indices are too large.
    size_t rounded = (bytes + Alignment - 1) / Alignment * Alignment;
    size_t pages = (rounded + PageBytes - 1) / PageBytes * PageBytes;
    size_t mapped = Guard + pages + Guard;
    void* base = mmap(nullptr, mapped, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (base == MAP_FAILED) return OutOfMemory;
    char* usable = static_cast<char*>(base) + Guard;
    if (mprotect(usable, pages, PROT_READ | PROT_WRITE) != 0) {
        munmap(base, mapped);
        return OutOfMemory;
    }
    auto allocation = std::make_unique<Allocation>();
    allocation->start = reinterpret_cast<uintptr_t>(usable + (pages - rounded));
    allocation->bytes = bytes;
    allocation->base = static_cast<char*>(base);
    allocation->mapped = mapped;
    // NaNs, so that what nobody wrote does not pass for a zero.
    if (bytes <= PoisonLimit) std::memset(reinterpret_cast<void*>(allocation->start), 0xFF, bytes);
    *pointer = allocation->start;
    allocated += bytes;
    allocations[allocation->start] = std::move(allocation);
    return Success;
}

int freeDevice(DevicePointer pointer) {
    if (pointer == 0) return Success;
    auto found = allocations.find(pointer);
    if (found == allocations.end()) return InvalidValue;
    allocated -= found->second->bytes;
    munmap(found->second->base, found->second->mapped);
    allocations.erase(found);
    return Success;
}

size_t allocatedBytes() { return allocated; }

Allocation* findAllocation(uintptr_t address, size_t bytes) {
    auto after = allocations.upper_bound(address);
    if (after == allocations.begin()) return nullptr;
    Allocation* candidate = std::prev(after)->second.get();
    size_t offset = address - candidate->start;
    return offset <= candidate->bytes && bytes <= candidate->bytes - offset ? candidate : nullptr;
}

}  // namespace emulator

// What is allocated on the device now, so that a test can ask whether everything was freed.
API size_t emulatorAllocatedBytes() {
    emulator::Call call(__func__, emulator::Needs::Nothing);
    return emulator::allocatedBytes();
}
