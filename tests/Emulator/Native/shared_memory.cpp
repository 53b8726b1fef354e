#include "shared_memory.h"

#include <cstring>
#include <vector>

#include "Device/execution.h"

namespace emulator {
namespace {

constexpr size_t Largest = 256 << 10;  // above what any device gives
constexpr size_t Margin = 64 << 10;
alignas(1024) char memory[Margin + Largest + Margin];
size_t size = 0;

}  // namespace

void prepareDynamicShared(size_t bytes) {
    size = bytes;
    if (bytes) std::memset(memory + Margin, 0xFF, bytes);
}

Range dynamicShared() {
    auto start = reinterpret_cast<uintptr_t>(memory) + Margin;
    return {start, start + size};
}

Range dynamicSharedWithMargin() {
    auto start = reinterpret_cast<uintptr_t>(memory);
    return {start, start + sizeof memory};
}

}  // namespace emulator

extern "C" void* emulator_dynamic_shared() { return reinterpret_cast<void*>(emulator::dynamicShared().start); }
