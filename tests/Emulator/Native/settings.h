// The pretended machine and the planted failures. Read from the environment (GPTGEN_EMULATOR_<NAME>) and changed by emulatorSet.
#pragma once
#include <cstddef>
#include <string>

namespace emulator {

struct Settings {
    int devices = 1;
    std::string name = "GptGen emulated device";
    int major = 9;
    int minor = 0;
    size_t memory = size_t(4) << 30;
    int cuda = 13000;       // what cuDriverGetVersion, nvrtcVersion and cublasGetVersion are derived from
    bool check = false;     // kernels compiled from now on are watched by the checker
    bool deferred = false;  // work of a stream waits until somebody synchronises
    int fastest = -1;       // the number of cuBLASLt's algorithm that is faster than the others, or none
    std::string modules;    // the folder that keeps compiled kernels; without it one beside the library
    std::string omitted;    // what cuBLASLt's products leave out, as planted faults: bias, gelu, kept, slope, sums or residual
};

Settings& settings();

// The status that a failure planted for this call asks for, or 0. Counts the calls.
int plantedFailure(const char* call);

}  // namespace emulator
