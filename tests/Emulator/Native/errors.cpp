// Names and texts of the driver's status codes, and the look-up of entry points by name.
#include <dlfcn.h>

#include <string>

#include "api.h"
#include "reports.h"

using namespace emulator;

namespace {

struct Known {
    int status;
    const char* name;
    const char* text;
};

constexpr Known table[] = {
    {0, "CUDA_SUCCESS", "no error"},
    {1, "CUDA_ERROR_INVALID_VALUE", "invalid argument"},
    {2, "CUDA_ERROR_OUT_OF_MEMORY", "out of memory"},
    {3, "CUDA_ERROR_NOT_INITIALIZED", "initialization error"},
    {4, "CUDA_ERROR_DEINITIALIZED", "driver shutting down"},
    {34, "CUDA_ERROR_STUB_LIBRARY", "CUDA driver is a stub library"},
    {100, "CUDA_ERROR_NO_DEVICE", "no CUDA-capable device is detected"},
    {101, "CUDA_ERROR_INVALID_DEVICE", "invalid device ordinal"},
    {200, "CUDA_ERROR_INVALID_IMAGE", "device kernel image is invalid"},
    {201, "CUDA_ERROR_INVALID_CONTEXT", "invalid device context"},
    {209, "CUDA_ERROR_NO_BINARY_FOR_GPU", "no kernel image is available for execution on the device"},
    {218, "CUDA_ERROR_INVALID_PTX", "a PTX JIT compilation failed"},
    {222, "CUDA_ERROR_UNSUPPORTED_PTX_VERSION", "the provided PTX was compiled with an unsupported toolchain."},
    {301, "CUDA_ERROR_FILE_NOT_FOUND", "file not found"},
    {400, "CUDA_ERROR_INVALID_HANDLE", "invalid resource handle"},
    {401, "CUDA_ERROR_ILLEGAL_STATE", "the operation cannot be performed in the present state"},
    {500, "CUDA_ERROR_NOT_FOUND", "named symbol not found"},
    {600, "CUDA_ERROR_NOT_READY", "device not ready"},
    {700, "CUDA_ERROR_ILLEGAL_ADDRESS", "an illegal memory access was encountered"},
    {701, "CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES", "too many resources requested for launch"},
    {702, "CUDA_ERROR_LAUNCH_TIMEOUT", "the launch timed out and was terminated"},
    {716, "CUDA_ERROR_MISALIGNED_ADDRESS", "misaligned address"},
    {719, "CUDA_ERROR_LAUNCH_FAILED", "unspecified launch failure"},
    {800, "CUDA_ERROR_NOT_PERMITTED", "operation not permitted"},
    {801, "CUDA_ERROR_NOT_SUPPORTED", "operation not supported"},
    {803, "CUDA_ERROR_SYSTEM_DRIVER_MISMATCH", "system has unsupported display driver / cuda driver combination"},
    {900, "CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED", "operation not permitted when stream is capturing"},
    {901, "CUDA_ERROR_STREAM_CAPTURE_INVALIDATED", "operation failed due to a previous error during capture"},
    {903, "CUDA_ERROR_STREAM_CAPTURE_UNMATCHED", "capture was not ended in the same stream as it began"},
    {910, "CUDA_ERROR_GRAPH_EXEC_UPDATE_FAILURE", "the graph update was not performed because it included changes which violated constraints"},
    {999, "CUDA_ERROR_UNKNOWN", "unknown error"},
};

const Known* find(int status) {
    for (const Known& known : table)
        if (known.status == status) return &known;
    return nullptr;
}

}  // namespace

API int cuGetErrorName(int status, const char** name) {
    const Known* known = find(status);
    *name = known ? known->name : nullptr;
    return known ? Success : InvalidValue;
}

// For a failed kernel the text goes on with what the emulator found, so that whoever prints the text sees it.
API int cuGetErrorString(int status, const char** text) {
    emulator::Call call(__func__, Needs::Nothing);
    const Known* known = find(status);
    *text = known ? known->text : nullptr;
    if (known && (status == IllegalAddress || status == LaunchFailed) && reportCount() > 0) {
        static std::string extended;
        extended = std::string(known->text) + ": " + reportText();
        while (!extended.empty() && extended.back() == '\n') extended.pop_back();
        *text = extended.c_str();
    }
    return known ? Success : InvalidValue;
}

namespace {

// The driver gives the newest form of a call under its plain name.
void* findEntryPoint(const char* name) {
    std::string plain = name;
    Dl_info self;
    if (!dladdr(reinterpret_cast<void*>(&cuGetErrorName), &self)) return nullptr;
    void* library = dlopen(self.dli_fname, RTLD_NOW | RTLD_NOLOAD);
    if (!library) return nullptr;
    void* address = dlsym(library, (plain + "_v2").c_str());
    if (!address) address = dlsym(library, name);
    dlclose(library);
    return address;
}

}  // namespace

API int cuGetProcAddress_v2(const char* name, void** address, int, uint64_t, int* found) {
    *address = findEntryPoint(name);
    if (found) *found = *address ? 0 : 1;
    return *address ? Success : NotFound;
}

API int cuGetProcAddress(const char* name, void** address, int version, uint64_t flags) {
    return cuGetProcAddress_v2(name, address, version, flags, nullptr);
}
