// Turns preprocessed CUDA C++ into what the host's compiler takes: finds the kernels and the dynamic shared memory.
#pragma once
#include <string>

namespace emulator {

// After each kernel with C linkage an entry point is added; `extern __shared__ T name[];` becomes a pointer. Line numbers stay.
std::string prepareSource(const std::string& preprocessed);

}  // namespace emulator
