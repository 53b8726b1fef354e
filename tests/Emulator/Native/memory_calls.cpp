// Allocation, copies and fills of the driver.
#include <cstdlib>
#include <cstring>
#include <unordered_set>

#include "api.h"
#include "context.h"
#include "memory.h"
#include "settings.h"
#include "stream.h"

using namespace emulator;

namespace {

std::unordered_set<void*> hostAllocations;

int defaultPool;  // its address is the pool's handle

void* hostPointer(DevicePointer pointer) { return reinterpret_cast<void*>(pointer); }

int copy(void* stream, const char* kind, void* target, const void* source, size_t bytes) {
    return submit(stream, {kind, [=] {
                               std::memmove(target, source, bytes);
                               return int(Success);
                           }});
}

// A copy that returns when it is done: in the order of the default stream.
int copyNow(const char* kind, void* target, const void* source, size_t bytes) {
    if (isCapturing()) return CaptureUnsupported;
    int status = copy(nullptr, kind, target, source, bytes);
    return status ? status : currentError();
}

template <class T>
int fill(void* stream, DevicePointer target, T value, size_t count) {
    if (!isDeviceRange(target, count * sizeof(T)) || target % sizeof(T) != 0) return InvalidValue;
    return submit(stream, {"memset", [=] {
                               auto* elements = static_cast<T*>(hostPointer(target));
                               for (size_t i = 0; i < count; i++) elements[i] = value;
                               return int(Success);
                           }});
}

}  // namespace

API int cuMemGetInfo_v2(size_t* available, size_t* total) {
    BEGIN_CALL(Needs::Context);
    *total = settings().memory;
    *available = settings().memory - allocatedBytes();
    return Success;
}

API int cuMemAlloc_v2(DevicePointer* pointer, size_t bytes) {
    BEGIN_CALL(Needs::Context);
    if (isCapturing()) return CaptureUnsupported;
    return allocateDevice(pointer, bytes);
}

API int cuMemFree_v2(DevicePointer pointer) {
    emulator::Call call(__func__, Needs::Initialized);
    if (isCapturing()) return CaptureUnsupported;
    drainAll();
    int status = freeDevice(pointer);  // also in a broken context, so that nothing is lost to the process
    return call.status() ? call.status() : status ? status : currentError();
}

API int cuMemAllocAsync(DevicePointer* pointer, size_t bytes, void* stream) {
    BEGIN_CALL(Needs::Context);
    return streamOf(stream) ? allocateDevice(pointer, bytes) : InvalidHandle;
}

API int cuMemFreeAsync(DevicePointer pointer, void* stream) {
    BEGIN_CALL(Needs::Context);
    if (!isDeviceRange(pointer, 1)) return InvalidValue;
    return submit(stream, {"free", [=] { return freeDevice(pointer); }});
}

API int cuDeviceGetDefaultMemPool(void** pool, int) {
    BEGIN_CALL(Needs::Initialized);
    *pool = &defaultPool;
    return Success;
}

API int cuMemPoolSetAttribute(void*, int, void*) {
    BEGIN_CALL(Needs::Initialized);
    return Success;
}

API int cuMemPoolTrimTo(void*, size_t) {
    BEGIN_CALL(Needs::Initialized);
    return Success;
}

API int cuMemHostAlloc(void** pointer, size_t bytes, unsigned) {
    BEGIN_CALL(Needs::Context);
    if (bytes == 0) return InvalidValue;
    *pointer = std::aligned_alloc(4096, (bytes + 4095) / 4096 * 4096);
    if (!*pointer) return OutOfMemory;
    hostAllocations.insert(*pointer);
    return Success;
}
API int cuMemAllocHost_v2(void** pointer, size_t bytes) { return cuMemHostAlloc(pointer, bytes, 0); }

API int cuMemFreeHost(void* pointer) {
    BEGIN_CALL(Needs::Initialized);
    if (!hostAllocations.erase(pointer)) return InvalidValue;
    drainAll();
    std::free(pointer);
    return Success;
}

API int cuMemHostRegister_v2(void*, size_t, unsigned) {
    BEGIN_CALL(Needs::Context);
    return Success;
}

API int cuMemHostUnregister(void*) {
    BEGIN_CALL(Needs::Initialized);
    return Success;
}

API int cuMemHostGetDevicePointer_v2(DevicePointer* device, void* pointer, unsigned) {
    BEGIN_CALL(Needs::Context);
    *device = reinterpret_cast<DevicePointer>(pointer);
    return Success;
}

API int cuMemcpyHtoD_v2(DevicePointer target, const void* source, size_t bytes) {
    BEGIN_CALL(Needs::Context);
    return isDeviceRange(target, bytes) ? copyNow("HtoD", hostPointer(target), source, bytes) : InvalidValue;
}

API int cuMemcpyDtoH_v2(void* target, DevicePointer source, size_t bytes) {
    BEGIN_CALL(Needs::Context);
    return isDeviceRange(source, bytes) ? copyNow("DtoH", target, hostPointer(source), bytes) : InvalidValue;
}

API int cuMemcpyDtoD_v2(DevicePointer target, DevicePointer source, size_t bytes) {
    BEGIN_CALL(Needs::Context);
    if (!isDeviceRange(target, bytes) || !isDeviceRange(source, bytes)) return InvalidValue;
    return copyNow("DtoD", hostPointer(target), hostPointer(source), bytes);
}

API int cuMemcpyHtoDAsync_v2(DevicePointer target, const void* source, size_t bytes, void* stream) {
    BEGIN_CALL(Needs::Context);
    return isDeviceRange(target, bytes) ? copy(stream, "HtoD", hostPointer(target), source, bytes) : InvalidValue;
}

API int cuMemcpyDtoHAsync_v2(void* target, DevicePointer source, size_t bytes, void* stream) {
    BEGIN_CALL(Needs::Context);
    return isDeviceRange(source, bytes) ? copy(stream, "DtoH", target, hostPointer(source), bytes) : InvalidValue;
}

API int cuMemcpyDtoDAsync_v2(DevicePointer target, DevicePointer source, size_t bytes, void* stream) {
    BEGIN_CALL(Needs::Context);
    if (!isDeviceRange(target, bytes) || !isDeviceRange(source, bytes)) return InvalidValue;
    return copy(stream, "DtoD", hostPointer(target), hostPointer(source), bytes);
}

API int cuMemcpyAsync(DevicePointer target, DevicePointer source, size_t bytes, void* stream) {
    BEGIN_CALL(Needs::Context);
    return copy(stream, "copy", hostPointer(target), hostPointer(source), bytes);
}

API int cuMemsetD8Async(DevicePointer target, unsigned char value, size_t count, void* stream) {
    BEGIN_CALL(Needs::Context);
    return fill(stream, target, value, count);
}

API int cuMemsetD16Async(DevicePointer target, unsigned short value, size_t count, void* stream) {
    BEGIN_CALL(Needs::Context);
    return fill(stream, target, value, count);
}

API int cuMemsetD32Async(DevicePointer target, unsigned value, size_t count, void* stream) {
    BEGIN_CALL(Needs::Context);
    return fill(stream, target, value, count);
}

API int cuMemsetD8_v2(DevicePointer target, unsigned char value, size_t count) { return cuMemsetD8Async(target, value, count, nullptr); }
API int cuMemsetD16_v2(DevicePointer target, unsigned short value, size_t count) { return cuMemsetD16Async(target, value, count, nullptr); }
API int cuMemsetD32_v2(DevicePointer target, unsigned value, size_t count) { return cuMemsetD32Async(target, value, count, nullptr); }
