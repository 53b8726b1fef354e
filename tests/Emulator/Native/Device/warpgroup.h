// Hopper's asynchronous products of a warpgroup (wgmma), and what they wait for.
// PTX ISA, "Asynchronous Warpgroup Level Matrix Multiply-Accumulate Instructions".
#pragma once

#pragma GCC visibility push(default)
extern "C" {
// Parameters have no names here: each name would be one that a kernel's text is searched for (needed.h).

// The descriptor of a tile in dynamic shared memory whose rows of 128 bytes are swizzled.
unsigned long long emulator_group_tile(const void*, int = __builtin_LINE());

// wgmma.mma_async m64n{columns}k16, bf16 with f32 sums: d, columns, keep, a, left, right, across. This thread's columns / 2 numbers at d become the
// product, or with `keep` d plus the product. `a` are this thread's registers of the left operand; null: it is read by its descriptor. `across`: the
// right operand's tile has k as its rows.
void emulator_group_multiply(float*, int, bool, const unsigned*, unsigned long long, unsigned long long, bool, int = __builtin_LINE());

void emulator_group_fence();
void emulator_group_commit();
void emulator_group_wait(int);

// fence.proxy.async
void emulator_proxy_fence();
}
#pragma GCC visibility pop
