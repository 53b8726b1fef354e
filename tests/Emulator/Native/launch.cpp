// Kernel launches: the limits that a real device refuses, and the arguments' copies, as the caller's may be gone when the work runs.
#include <cstring>

#include "api.h"
#include "context.h"
#include "module.h"
#include "settings.h"
#include "stream.h"

using namespace emulator;

namespace {

size_t launches = 0;

// The arguments' values, packed one after the other at 16-byte steps of their own.
struct Arguments {
    std::vector<size_t> offsets;
    std::vector<char> bytes;

    Arguments(const std::vector<size_t>& sizes, void** values) {
        size_t total = 0;
        for (size_t size : sizes) {
            offsets.push_back(total);
            total += (size + 15) / 16 * 16;
        }
        bytes.resize(total);
        for (size_t i = 0; i < sizes.size(); i++) std::memcpy(&bytes[offsets[i]], values[i], sizes[i]);
    }

    std::vector<void*> pointers() {
        std::vector<void*> result;
        for (size_t offset : offsets) result.push_back(&bytes[offset]);
        return result;
    }
};

int checkShape(const Function& function, const dim3& grid, const dim3& block, unsigned dynamicShared) {
    if (grid.x == 0 || grid.y == 0 || grid.z == 0 || grid.x > 2147483647u || grid.y > 65535 || grid.z > 65535) return InvalidValue;
    if (block.x == 0 || block.y == 0 || block.z == 0 || block.x > 1024 || block.y > 1024 || block.z > 64) return InvalidValue;
    auto threads = uint64_t(block.x) * block.y * block.z;
    if (threads > uint64_t(MaximumThreads)) return InvalidValue;
    if (threads > uint64_t(function.maximumThreads)) return LaunchOutOfResources;  // above the kernel's __launch_bounds__
    return int(dynamicShared) > function.dynamicSharedLimit ? InvalidValue : Success;
}

}  // namespace

API int cuLaunchKernel(void* handle, unsigned gridX, unsigned gridY, unsigned gridZ, unsigned blockX, unsigned blockY, unsigned blockZ,
                       unsigned dynamicShared, void* stream, void** values, void** extra) {
    BEGIN_CALL(Needs::Context);
    auto function = functions.find(handle);
    if (!function) return InvalidHandle;
    if (extra || (!values && !function->parameterBytes.empty())) return InvalidValue;
    dim3 grid{gridX, gridY, gridZ}, block{blockX, blockY, blockZ};
    if (int status = checkShape(*function, grid, block, dynamicShared)) return status;
    launches++;
    int planted = plantedFailure("kernel");  // an error of the kernel itself, which shows at the next synchronisation
    Launch launch{function->name, function->entry, grid, block, dynamicShared, function->module->checked};
    auto arguments = std::make_shared<Arguments>(function->parameterBytes, values);
    return submit(stream, {"kernel " + function->name, [=] {
                               if (planted) return planted;
                               auto pointers = arguments->pointers();
                               (void)function;  // keeps the module loaded until its work is done
                               return runGrid(launch, pointers.data());
                           }});
}

namespace {

struct LaunchConfiguration {  // CUlaunchConfig
    unsigned gridX, gridY, gridZ, blockX, blockY, blockZ, dynamicShared;
    void* stream;
    void* attributes;
    unsigned attributeCount;
};

}  // namespace

// The attributes (clusters, programmatic launch) are about speed or about cooperation that is not modelled.
API int cuLaunchKernelEx(const LaunchConfiguration* c, void* function, void** values, void** extra) {
    return cuLaunchKernel(function, c->gridX, c->gridY, c->gridZ, c->blockX, c->blockY, c->blockZ, c->dynamicShared, c->stream, values, extra);
}

// Kernels launched so far in this process.
API size_t emulatorLaunchCount() { return launches; }
