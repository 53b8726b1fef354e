#include "module.h"

#include <dlfcn.h>
#include <link.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <fstream>
#include <map>
#include <sstream>

#include "api.h"
#include "checker.h"
#include "image.h"
#include "settings.h"

using namespace emulator;

namespace emulator {

Handles<Function> functions;

namespace {

Handles<Module> modules;
std::map<std::pair<const Module*, std::string>, Function*> known;

// The dynamic linker loads files only. Each module gets a file of its own, as two modules may hold the same kernels.
void* loadLibrary(const std::string& bytes) {
    char path[] = "/tmp/gptgen-emulator-module-XXXXXX";
    int file = mkstemp(path);
    if (file < 0) return nullptr;
    bool written = write(file, bytes.data(), bytes.size()) == ssize_t(bytes.size());
    close(file);
    void* library = written ? dlopen(path, RTLD_NOW | RTLD_LOCAL) : nullptr;
    unlink(path);
    return library;
}

// The library's writable segments hold its static shared memory.
void watch(const Module* module, void* library) {
    link_map* map = nullptr;
    if (dlinfo(library, RTLD_DI_LINKMAP, &map) != 0) return;
    struct Search {
        const Module* module;
        uintptr_t base;
    } search{module, map->l_addr};
    dl_iterate_phdr(
        [](dl_phdr_info* info, size_t, void* data) {
            auto* wanted = static_cast<Search*>(data);
            if (info->dlpi_addr != wanted->base) return 0;
            for (int i = 0; i < info->dlpi_phnum; i++) {
                const auto& segment = info->dlpi_phdr[i];
                uintptr_t start = info->dlpi_addr + segment.p_vaddr;
                if (segment.p_type == PT_LOAD) watchModule(wanted->module, {start, start + segment.p_memsz}, segment.p_flags & PF_W);
            }
            return 1;
        },
        &search);
}

}  // namespace

Module::~Module() {
    forgetModule(this);
    for (auto& known : libraries) dlclose(known.second);
}

}  // namespace emulator

API int cuModuleLoadData(void** handle, const void* bytes) {
    BEGIN_CALL(Needs::Context);
    Image image;
    if (int status = unpackImage(bytes, image)) return status;
    auto module = std::make_shared<Module>();
    module->checked = image.checked;
    for (const ImagePart& part : image.parts) {
        void* library = loadLibrary(part.library);
        if (!library) return InvalidImage;
        module->libraries.push_back({part.kernels, library});
        if (module->checked) watch(module.get(), library);
    }
    *handle = modules.add(module);
    return Success;
}

API int cuModuleLoadDataEx(void** handle, const void* bytes, unsigned, int*, void**) { return cuModuleLoadData(handle, bytes); }

API int cuModuleLoad(void** handle, const char* path) {
    BEGIN_CALL(Needs::Context);
    std::ifstream file(path, std::ios::binary);
    if (!file) return 301;  // CUDA_ERROR_FILE_NOT_FOUND
    std::stringstream bytes;
    bytes << file.rdbuf();
    return cuModuleLoadData(handle, bytes.str().c_str());
}

API int cuModuleUnload(void* handle) {
    BEGIN_CALL(Needs::Initialized);
    auto module = modules.find(handle);
    if (!module) return InvalidHandle;
    for (auto at = known.begin(); at != known.end();) {
        if (at->first.first != module.get()) {
            ++at;
            continue;
        }
        functions.remove(at->second);
        at = known.erase(at);
    }
    modules.remove(handle);
    return Success;
}

API int cuModuleGetFunction(void** handle, void* moduleHandle, const char* name) {
    BEGIN_CALL(Needs::Context);
    auto module = modules.find(moduleHandle);
    if (!module) return InvalidHandle;
    auto& existing = known[{module.get(), name}];
    if (existing) {
        *handle = existing;
        return Success;
    }
    auto symbol = [&](const char* prefix) -> void* {
        for (auto& [kernels, library] : module->libraries) {
            if (!kernels.empty() && kernels.find("\n" + std::string(name) + "\n") == std::string::npos) continue;
            if (void* found = dlsym(library, (prefix + std::string(name)).c_str())) return found;
        }
        return nullptr;
    };
    auto entry = reinterpret_cast<KernelEntry>(symbol("emulator_kernel_"));
    auto describe = reinterpret_cast<const int* (*)()>(symbol("emulator_parameters_"));
    if (!entry || !describe) {
        known.erase({module.get(), name});
        return NotFound;
    }
    auto function = std::make_shared<Function>();
    function->module = module;
    function->name = name;
    function->entry = entry;
    const int* description = describe();
    if (description[0] > 0) function->maximumThreads = description[0];
    for (const int* bytes = description + 1; *bytes; bytes++) function->parameterBytes.push_back(size_t(*bytes));
    existing = functions.add(function);
    *handle = existing;
    return Success;
}

API int cuFuncGetModule(void** handle, void* function) {
    BEGIN_CALL(Needs::Context);
    auto found = functions.find(function);
    if (!found) return InvalidHandle;
    *handle = found->module.get();
    return Success;
}

API int cuFuncGetAttribute(int* value, int attribute, void* handle) {
    BEGIN_CALL(Needs::Context);
    auto function = functions.find(handle);
    if (!function) return InvalidHandle;
    switch (attribute) {
        case 0: *value = function->maximumThreads; break;
        case 4: *value = 32; break;  // registers; not modelled
        case 5: case 6: *value = settings().major * 10 + settings().minor; break;
        case 8: *value = function->dynamicSharedLimit; break;
        default:
            if (attribute < 0 || attribute > 15) return InvalidValue;
            *value = function->attributes[attribute];
    }
    return Success;
}

API int cuFuncSetAttribute(void* handle, int attribute, int value) {
    BEGIN_CALL(Needs::Context);
    auto function = functions.find(handle);
    if (!function) return InvalidHandle;
    if (attribute < 8 || attribute > 15) return InvalidValue;
    if (attribute == 8) {
        if (value < 0 || value > maximumSharedOptIn()) return InvalidValue;
        function->dynamicSharedLimit = value;
    }
    function->attributes[attribute] = value;
    return Success;
}

API int cuFuncSetCacheConfig(void* handle, int) {
    BEGIN_CALL(Needs::Context);
    return functions.find(handle) ? Success : InvalidHandle;
}

API int cuOccupancyMaxActiveBlocksPerMultiprocessor(int* blocks, void* handle, int threads, size_t) {
    BEGIN_CALL(Needs::Context);
    if (!functions.find(handle) || threads < 1) return InvalidValue;
    *blocks = 2048 / threads;  // as if only threads were scarce
    return Success;
}
