// For every two bytes of watched memory: who wrote and who read last. A bf16 is the smallest thing that kernels share.
#pragma once
#include <cstddef>
#include <cstdint>

namespace emulator {

struct Stamp {
    uint32_t launch = 0;  // 0: never
    uint32_t block = 0;
    uint32_t barrier = 0;  // the block's epoch
    uint32_t sync = 0;     // the warp's epoch
    uint16_t thread = 0;
};

struct Cell {
    Stamp write, read;
    bool atomic = false;          // the last write was
    bool severalThreads = false;  // more than one thread of the block read since its last barrier
    bool severalBlocks = false;   // more than one block read in this launch
};

// Cells of one range, from pages that cost nothing until touched.
class Shadow {
public:
    Shadow() = default;
    ~Shadow();
    Shadow(const Shadow&) = delete;
    Shadow& operator=(const Shadow&) = delete;
    Cell* cells(size_t bytes);

private:
    Cell* cells_ = nullptr;
};

}  // namespace emulator
