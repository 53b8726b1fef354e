#include "limits.h"

#include "settings.h"

namespace emulator {

// CUDA C++ Programming Guide, "Technical Specifications per Compute Capability".
int maximumSharedOptIn() {
    int capability = settings().major * 10 + settings().minor;
    if (capability >= 120) return 99 << 10;
    if (capability >= 90) return 227 << 10;
    if (capability == 80 || capability == 87) return 163 << 10;
    if (capability >= 86) return 99 << 10;
    if (capability == 75) return 64 << 10;
    return 96 << 10;
}

bool deviceAttribute(int attribute, int* value) {
    const int count = 146;
    if (attribute < 1 || attribute > count) return false;
    switch (attribute) {
        case 1: *value = MaximumThreads; break;                 // threads a block
        case 2: case 3: *value = 1024; break;                   // block, x and y
        case 4: *value = 64; break;                             // block, z
        case 5: *value = 2147483647; break;                     // grid, x
        case 6: case 7: *value = 65535; break;                  // grid, y and z
        case 8: *value = DefaultDynamicShared; break;           // shared memory a block
        case 9: *value = 64 << 10; break;                       // constant memory
        case 10: *value = 32; break;                            // warp
        case 12: case 82: *value = 65536; break;                // registers a block, a multiprocessor
        case 13: *value = 1500000; break;                       // clock, kHz
        case 16: *value = 8; break;                             // multiprocessors
        case 31: case 41: case 83: *value = 1; break;           // concurrent kernels, unified addressing, managed memory
        case 36: *value = 2000000; break;                       // memory clock, kHz
        case 37: *value = 512; break;                           // bus width, bits
        case 38: *value = 32 << 20; break;                      // L2 cache
        case 39: *value = 2048; break;                          // threads a multiprocessor
        case 40: *value = 2; break;                             // copy engines
        case 75: *value = settings().major; break;
        case 76: *value = settings().minor; break;
        case 78: *value = 1; break;                             // stream priorities
        case 81: *value = maximumSharedOptIn() + (1 << 10); break;  // shared memory a multiprocessor
        case 97: *value = maximumSharedOptIn(); break;
        case 106: *value = 32; break;                           // blocks a multiprocessor
        case 115: *value = 1; break;                            // memory pools
        default: *value = 0; break;
    }
    return true;
}

}  // namespace emulator
