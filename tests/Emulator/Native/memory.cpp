#include "memory.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <memory>
#include <string>

#include "settings.h"

namespace emulator {
namespace {

constexpr size_t PageBytes = 4096;
constexpr size_t Guard = 1 << 20;           // unmapped room on both sides: a wild access faults instead of reaching a neighbour
constexpr size_t PoisonBytes = 2u << 20;    // what one mapping of the poison covers
constexpr size_t Alignment = 256;           // as the driver promises

std::map<uintptr_t, std::unique_ptr<Allocation>> allocations;
size_t allocated = 0;

// A file of NaNs, or -1.
int poison() {
    static const int file = [] {
        int made = memfd_create("gptgen-emulator-poison", MFD_CLOEXEC);
        std::string nans(PoisonBytes, '\xFF');
        if (made >= 0 && write(made, nans.data(), nans.size()) != ssize_t(nans.size())) return -1;
        return made;
    }();
    return file;
}

// Lets pages hold NaNs, so that what nobody wrote does not pass for a zero. Only pages that are used become memory of their own: most of a large
// workspace never does.
bool mapPoisoned(char* pages, size_t bytes) {
    for (size_t done = 0; done < bytes; done += PoisonBytes)
        if (mmap(pages + done, std::min(PoisonBytes, bytes - done), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED | MAP_NORESERVE, poison(), 0) ==
            MAP_FAILED)
            return false;
    return true;
}

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
    if (!mapPoisoned(usable, pages)) {
        munmap(base, mapped);
        return OutOfMemory;
    }
    auto allocation = std::make_unique<Allocation>();
    allocation->start = reinterpret_cast<uintptr_t>(usable + (pages - rounded));
    allocation->bytes = bytes;
    allocation->base = static_cast<char*>(base);
    allocation->mapped = mapped;
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
