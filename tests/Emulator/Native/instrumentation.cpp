// The compiler's thread-sanitizer instrumentation calls these before every load and store of a checked kernel; no sanitizer runtime is linked.
#include <cstring>

#include "api.h"
#include "checker.h"

using emulator::Access;
using emulator::checkAccess;

#define INSTRUMENTED(bytes)                                                                              \
    API void __tsan_read##bytes(void* address) { checkAccess(address, bytes, Access::Read); }            \
    API void __tsan_write##bytes(void* address) { checkAccess(address, bytes, Access::Write); }          \
    API void __tsan_unaligned_read##bytes(void* address) { checkAccess(address, bytes, Access::Read); }  \
    API void __tsan_unaligned_write##bytes(void* address) { checkAccess(address, bytes, Access::Write); } \
    API void __tsan_volatile_read##bytes(void* address) { checkAccess(address, bytes, Access::Read); }   \
    API void __tsan_volatile_write##bytes(void* address) { checkAccess(address, bytes, Access::Write); }

INSTRUMENTED(1)
INSTRUMENTED(2)
INSTRUMENTED(4)
INSTRUMENTED(8)
INSTRUMENTED(16)

API void __tsan_read_range(void* address, size_t bytes) { checkAccess(address, bytes, Access::Read); }
API void __tsan_write_range(void* address, size_t bytes) { checkAccess(address, bytes, Access::Write); }

API void __tsan_init() {}
API void __tsan_func_entry(void*) {}
API void __tsan_func_exit() {}

// Called in place of the library's functions when the compiler does not expand a copy.
API void* __tsan_memcpy(void* target, const void* source, size_t bytes) {
    checkAccess(const_cast<void*>(source), bytes, Access::Read);
    checkAccess(target, bytes, Access::Write);
    return std::memcpy(target, source, bytes);
}

API void* __tsan_memset(void* target, int value, size_t bytes) {
    checkAccess(target, bytes, Access::Write);
    return std::memset(target, value, bytes);
}
