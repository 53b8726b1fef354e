// Atomic operations. Threads change places only where they wait, so a plain read and write is atomic; the checker is told.
#pragma once

template <class T, class F>
__attribute__((noinline, no_sanitize("thread"))) static T emulator_atomic(T* address, F change) {
    emulator_atomic_access(address, sizeof(T));
    T old = *address;
    *address = change(old);
    return old;
}

#define EMULATOR_ATOMIC(name, expression)                                                                         \
    template <class T>                                                                                            \
    static inline T name(T* address, T operand) {                                                                 \
        return emulator_atomic(address, [=](T old) __attribute__((no_sanitize("thread"))) -> T { return expression; }); \
    }
EMULATOR_ATOMIC(atomicAdd, old + operand)
EMULATOR_ATOMIC(atomicSub, old - operand)
EMULATOR_ATOMIC(atomicMin, old < operand ? old : operand)
EMULATOR_ATOMIC(atomicMax, old > operand ? old : operand)
EMULATOR_ATOMIC(atomicAnd, old & operand)
EMULATOR_ATOMIC(atomicOr, old | operand)
EMULATOR_ATOMIC(atomicXor, old ^ operand)
EMULATOR_ATOMIC(atomicExch, ((void)old, operand))

template <class T>
static inline T atomicCAS(T* address, T expected, T desired) {
    return emulator_atomic(address, [=](T old) __attribute__((no_sanitize("thread"))) -> T { return old == expected ? desired : old; });
}
