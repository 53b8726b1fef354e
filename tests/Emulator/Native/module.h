// Loaded modules and their kernels.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "block.h"
#include "handles.h"
#include "limits.h"

namespace emulator {

struct Module {
    std::vector<std::pair<std::string, void*>> libraries;  // and the kernels that are taken from each, as in ImagePart
    bool checked = false;
    ~Module();
};

struct Function {
    std::shared_ptr<Module> module;
    std::string name;
    KernelEntry entry = nullptr;
    std::vector<size_t> parameterBytes;
    int maximumThreads = MaximumThreads;
    int dynamicSharedLimit = DefaultDynamicShared;
    int attributes[16] = {};
};

extern Handles<Function> functions;

}  // namespace emulator
