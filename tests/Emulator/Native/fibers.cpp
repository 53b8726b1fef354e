#include "fibers.h"

#include <sys/mman.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <new>

namespace emulator {
namespace {

// Saves what the System V ABI asks a callee to keep. The signal handlers of a managed process run on these stacks too, hence their size.
asm(R"(
.text
.globl emulator_switch
.hidden emulator_switch
.type emulator_switch, @function
emulator_switch:
    pushq %rbp
    pushq %rbx
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
    movq %rsp, (%rdi)
    movq %rsi, %rsp
    popq %r15
    popq %r14
    popq %r13
    popq %r12
    popq %rbx
    popq %rbp
    ret
)");

constexpr size_t StackBytes = 128 << 10;
constexpr size_t PageBytes = 4096;
constexpr size_t ArenaBytes = size_t(1) << 30;
constexpr int SavedRegisters = 6;

char* const arena = [] {
    void* mapped = mmap(nullptr, ArenaBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (mapped == MAP_FAILED) {
        std::perror("GptGen emulator: no address space for stacks");
        std::abort();
    }
    return static_cast<char*>(mapped);
}();

size_t used = 0;
std::vector<Fiber*> pool;

Fiber* createFiber() {
    static size_t created = 0;
    auto* fiber = new (allocateForever(sizeof(Fiber), 64)) Fiber;
    char* stack = static_cast<char*>(allocateForever(PageBytes + StackBytes, PageBytes));
    mprotect(stack, PageBytes, PROT_NONE);  // an overflow faults instead of reaching the neighbour
    // Staggered, so that the tops of a thousand stacks do not share the same cache sets.
    size_t stagger = (created++ % 61) * 320;
    fiber->stackTop = reinterpret_cast<void**>(stack + PageBytes + StackBytes - 64 - stagger);
    return fiber;
}

}  // namespace

void* allocateForever(size_t bytes, size_t alignment) {
    size_t start = (used + alignment - 1) / alignment * alignment;
    if (start + bytes > ArenaBytes) {
        std::fputs("GptGen emulator: the stacks' arena is full\n", stderr);
        std::abort();
    }
    used = start + bytes;
    return arena + start;
}

bool isEmulatorMemory(const void* address) {
    return reinterpret_cast<uintptr_t>(address) - reinterpret_cast<uintptr_t>(arena) < ArenaBytes;
}

Fiber* takeFiber(void (*entry)()) {
    Fiber* fiber;
    if (pool.empty()) {
        fiber = createFiber();
    } else {
        fiber = pool.back();
        pool.pop_back();
    }
    void** top = fiber->stackTop;
    *--top = nullptr;  // keeps the stack aligned as at a function's entry
    *--top = reinterpret_cast<void*>(entry);
    for (int i = 0; i < SavedRegisters; i++) *--top = nullptr;
    fiber->stackPointer = top;
    return fiber;
}

void returnFiber(Fiber* fiber) { pool.push_back(fiber); }

}  // namespace emulator
