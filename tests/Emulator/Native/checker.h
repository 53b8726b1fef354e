// Watches every access of checked kernels: races, reads of unwritten shared memory, addresses outside all allocations.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>

#include "shared_memory.h"

namespace emulator {

// Overwrite: a write that begins now and lands later.
enum class Access { Read, Write, Atomic, Overwrite };

// Called before the access happens.
void checkAccess(void* address, size_t bytes, Access access);

// The writable data of a loaded module, which holds its static shared memory, and its constants.
void watchModule(const void* module, Range range, bool writable);
void forgetModule(const void* module);

}  // namespace emulator
