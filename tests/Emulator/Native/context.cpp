// Initialisation, the device's properties and contexts. There is one context a device, the primary one.
#include "context.h"

#include <cstdio>
#include <cstring>
#include <mutex>

#include "api.h"
#include "limits.h"
#include "memory.h"
#include "settings.h"
#include "stream.h"

using namespace emulator;

namespace emulator {
namespace {

std::recursive_mutex callLock;
bool initialized = false;
int retained = 0;
int error = 0;
constexpr int MostDevices = 64;
int primaries[MostDevices];  // their addresses are the contexts' handles
thread_local void* currentContext = nullptr;

}  // namespace

Call::Call(const char* name, Needs needs) {
    callLock.lock();
    status_ = plantedFailure(name);
    if (status_ != 0 || needs == Needs::Nothing) return;
    if (!initialized) status_ = NotInitialized;
    else if (needs == Needs::Context) status_ = !hasContext() ? int(InvalidContext) : error;
}

Call::~Call() { callLock.unlock(); }

void setError(int status) {
    if (error == 0) error = status;
}
int currentError() { return error; }
void clearError() { error = 0; }
bool isInitialized() { return initialized; }
bool hasContext() { return currentContext != nullptr && retained > 0; }
int currentDevice() { return currentContext ? int(static_cast<int*>(currentContext) - primaries) : 0; }

}  // namespace emulator

API int cuInit(unsigned flags) {
    BEGIN_CALL(Needs::Nothing);
    if (flags != 0) return InvalidValue;
    if (settings().devices < 1) return NoDevice;
    initialized = true;
    return Success;
}

API int cuDriverGetVersion(int* version) {
    BEGIN_CALL(Needs::Nothing);
    *version = settings().cuda;
    return Success;
}

API int cuDeviceGetCount(int* count) {
    BEGIN_CALL(Needs::Initialized);
    *count = settings().devices;
    return Success;
}

API int cuDeviceGet(int* device, int ordinal) {
    BEGIN_CALL(Needs::Initialized);
    if (ordinal < 0 || ordinal >= settings().devices) return InvalidDevice;
    *device = ordinal;
    return Success;
}

API int cuDeviceGetName(char* name, int length, int) {
    BEGIN_CALL(Needs::Initialized);
    if (length < 1) return InvalidValue;
    std::snprintf(name, size_t(length), "%s", settings().name.c_str());
    return Success;
}

API int cuDeviceGetUuid(char* uuid, int device) {
    BEGIN_CALL(Needs::Initialized);
    std::memset(uuid, 0, 16);
    std::memcpy(uuid, "GptGenEmulator", 14);
    uuid[15] = char(device);
    return Success;
}
API int cuDeviceGetUuid_v2(char* uuid, int device) { return cuDeviceGetUuid(uuid, device); }

API int cuDeviceTotalMem_v2(size_t* bytes, int) {
    BEGIN_CALL(Needs::Initialized);
    *bytes = settings().memory;
    return Success;
}

API int cuDeviceGetAttribute(int* value, int attribute, int) {
    BEGIN_CALL(Needs::Initialized);
    return deviceAttribute(attribute, value) ? Success : InvalidValue;
}

API int cuDeviceGetPCIBusId(char* text, int length, int device) {
    BEGIN_CALL(Needs::Initialized);
    std::snprintf(text, size_t(length), "0000:%02X:00.0", device + 1);
    return Success;
}

API int cuDevicePrimaryCtxRetain(void** context, int device) {
    BEGIN_CALL(Needs::Initialized);
    if (device < 0 || device >= settings().devices || device >= MostDevices) return InvalidDevice;
    retained++;
    *context = &primaries[device];
    return Success;
}

API int cuDevicePrimaryCtxRelease_v2(int) {
    BEGIN_CALL(Needs::Initialized);
    if (retained == 0) return InvalidContext;
    if (--retained == 0) clearError();  // the last release destroys the context, and its error with it
    return Success;
}
API int cuDevicePrimaryCtxRelease(int device) { return cuDevicePrimaryCtxRelease_v2(device); }

API int cuDevicePrimaryCtxReset_v2(int) {
    BEGIN_CALL(Needs::Initialized);
    clearError();
    return Success;
}
API int cuDevicePrimaryCtxReset(int device) { return cuDevicePrimaryCtxReset_v2(device); }

API int cuDevicePrimaryCtxSetFlags_v2(int, unsigned) {
    BEGIN_CALL(Needs::Initialized);
    return Success;
}

API int cuDevicePrimaryCtxGetState(int, unsigned* flags, int* active) {
    BEGIN_CALL(Needs::Initialized);
    *flags = 0;
    *active = retained > 0;
    return Success;
}

API int cuCtxSetCurrent(void* context) {
    BEGIN_CALL(Needs::Initialized);
    if (context != nullptr && (context < primaries || context >= primaries + MostDevices)) return InvalidContext;
    currentContext = context;
    return Success;
}

API int cuCtxGetCurrent(void** context) {
    BEGIN_CALL(Needs::Initialized);
    *context = currentContext;
    return Success;
}

API int cuCtxPushCurrent_v2(void* context) { return cuCtxSetCurrent(context); }

API int cuCtxPopCurrent_v2(void** context) {
    BEGIN_CALL(Needs::Initialized);
    if (context) *context = currentContext;
    currentContext = nullptr;
    return Success;
}

API int cuCtxGetDevice(int* device) {
    BEGIN_CALL(Needs::Context);
    *device = currentDevice();
    return Success;
}

API int cuCtxGetApiVersion(void*, unsigned* version) {
    BEGIN_CALL(Needs::Initialized);
    *version = 3020;
    return Success;
}

API int cuCtxGetStreamPriorityRange(int* least, int* greatest) {
    BEGIN_CALL(Needs::Context);
    if (least) *least = 0;
    if (greatest) *greatest = -5;
    return Success;
}

API int cuCtxSynchronize() {
    BEGIN_CALL(Needs::Context);
    if (isCapturing()) return CaptureUnsupported;
    drainAll();
    return currentError();
}
