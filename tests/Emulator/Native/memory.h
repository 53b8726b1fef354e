// Device memory: ordinary host memory whose ranges are known, within the pretended device's size.
#pragma once
#include <cstddef>
#include <cstdint>

#include "api.h"
#include "shadow.h"

namespace emulator {

struct Allocation {
    uintptr_t start = 0;
    size_t bytes = 0;
    char* base = nullptr;
    size_t mapped = 0;
    Shadow shadow;  // made when the checker first sees an access
};

int allocateDevice(DevicePointer* pointer, size_t bytes);
int freeDevice(DevicePointer pointer);
size_t allocatedBytes();

// The allocation that holds all of [address, address + bytes), or null.
Allocation* findAllocation(uintptr_t address, size_t bytes);
inline bool isDeviceRange(DevicePointer pointer, size_t bytes) { return bytes == 0 || findAllocation(pointer, bytes); }

}  // namespace emulator
