// The limits of a device of the configured compute capability.
#pragma once

namespace emulator {

constexpr int DefaultDynamicShared = 48 << 10;
constexpr int MaximumThreads = 1024;

// The most shared memory that a block may opt into.
int maximumSharedOptIn();

// A CU_DEVICE_ATTRIBUTE; false for a number that no device has.
bool deviceAttribute(int attribute, int* value);

}  // namespace emulator
