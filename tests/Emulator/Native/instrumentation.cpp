// What the compiler's instrumentation calls; no sanitizer's runtime is linked. The thread sanitizer's calls stand before every load and store of a
// checked kernel, the one of the sanitizer of undefined behaviour before every division by zero.
#include <cstring>

#include "api.h"
#include "block.h"
#include "checker.h"
#include "proxy.h"
#include "reports.h"

using emulator::Access;
using emulator::checkAccess;

static void noteStore(void* address, size_t bytes) {
    checkAccess(address, bytes, Access::Write);
    emulator::noteGenericWrite(address, bytes);
}

#define INSTRUMENTED(bytes)                                                                             \
    API void __tsan_read##bytes(void* address) { checkAccess(address, bytes, Access::Read); }           \
    API void __tsan_write##bytes(void* address) { noteStore(address, bytes); }                          \
    API void __tsan_unaligned_read##bytes(void* address) { checkAccess(address, bytes, Access::Read); } \
    API void __tsan_unaligned_write##bytes(void* address) { noteStore(address, bytes); }                \
    API void __tsan_volatile_read##bytes(void* address) { checkAccess(address, bytes, Access::Read); }  \
    API void __tsan_volatile_write##bytes(void* address) { noteStore(address, bytes); }

INSTRUMENTED(1)
INSTRUMENTED(2)
INSTRUMENTED(4)
INSTRUMENTED(8)
INSTRUMENTED(16)

API void __tsan_read_range(void* address, size_t bytes) { checkAccess(address, bytes, Access::Read); }
API void __tsan_write_range(void* address, size_t bytes) { noteStore(address, bytes); }

API void __tsan_init() {}
API void __tsan_func_entry(void*) {}
API void __tsan_func_exit() {}

// Called in place of the library's functions when the compiler does not expand a copy.
API void* __tsan_memcpy(void* target, const void* source, size_t bytes) {
    checkAccess(const_cast<void*>(source), bytes, Access::Read);
    noteStore(target, bytes);
    return std::memcpy(target, source, bytes);
}

API void* __tsan_memset(void* target, int value, size_t bytes) {
    noteStore(target, bytes);
    return std::memset(target, value, bytes);
}

// A device goes on with an unspecified quotient; this processor would end the process.
API void __ubsan_handle_divrem_overflow(void*, uintptr_t, uintptr_t) {
    emulator::report("division of whole numbers by zero");
    emulator::abandonGrid(emulator::LaunchFailed);
}
