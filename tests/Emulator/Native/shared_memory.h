// The dynamic shared memory of the block that runs. Static shared memory is static data of the compiled module.
#pragma once
#include <cstddef>
#include <cstdint>

namespace emulator {

struct Range {
    uintptr_t start = 0, end = 0;
    bool contains(uintptr_t address) const { return address - start < end - start; }
};

// Makes room for the block and fills it with NaNs, as no kernel may rely on what lies there.
void prepareDynamicShared(size_t bytes);

// What the launch asked for, and the room around it in which an access is still known to be a wrong shared access.
Range dynamicShared();
Range dynamicSharedWithMargin();

}  // namespace emulator
