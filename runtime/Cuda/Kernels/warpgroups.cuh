// Products of warpgroups, four warps whose first has an index that four divides, on the tensor cores of sm_90a: asynchronous, with the right operand
// in shared memory, and the left one there or in registers. PTX ISA, "Asynchronous Warpgroup Level Matrix Multiply-Accumulate Instructions". Comes
// after tensor_cores.cuh. All 128 threads take part in each call.
//
// A tile has rows of 64 bf16, 128 bytes, and begins at a multiple of 1,024 bytes; the 16 bytes of chunk c of row r lie at chunk c ^ r % 8 of the row
// ("128-byte swizzle"), so that neither eight rows nor eight columns meet in a bank. A tile is named by a descriptor; `Step` columns or rows further
// on are reached by adding to it.
#ifndef GPTGEN_WARPGROUPS
#define GPTGEN_WARPGROUPS

constexpr int WarpgroupSize = 128, TileColumns = 64, ProductDepth = 16;

// From one part of `ProductDepth` columns, or of as many rows, of a tile to the next; descriptors count 16 bytes.
constexpr unsigned long long NextColumns = ProductDepth * 2 / 16, NextRows = ProductDepth * TileColumns * 2 / 16;

// What a row of a tile adds to its descriptor; only whole eights of rows have descriptors of their own.
constexpr unsigned long long RowOfTile = TileColumns * 2 / 16;

// Where an element lies in a tile.
DEVICE int placeInTile(int row, int column) { return row * TileColumns + ((column / 8 ^ row % 8) * 8 + column % 8); }

DEVICE unsigned long long describeTile(const bf16* tile) {
#ifdef GPTGEN_EMULATOR
    return emulator_group_tile(tile);
#else
    // Eight rows after eight rows lie 1,024 bytes further on; 1 << 62 names the swizzle.
    return (unsigned long long)(sharedAddress(tile) >> 4 & 0x3fffu) | 1ull << 16 | 1024ull / 16 << 32 | 1ull << 62;
#endif
}

#define GPTGEN_FOUR_SUMS(d, i) "+f"(d[i][0]), "+f"(d[i][1]), "+f"(d[i][2]), "+f"(d[i][3])
#define GPTGEN_SUMS(d, i)                                                                                             \
    GPTGEN_FOUR_SUMS(d, i), GPTGEN_FOUR_SUMS(d, i + 1), GPTGEN_FOUR_SUMS(d, i + 2), GPTGEN_FOUR_SUMS(d, i + 3),       \
        GPTGEN_FOUR_SUMS(d, i + 4), GPTGEN_FOUR_SUMS(d, i + 5), GPTGEN_FOUR_SUMS(d, i + 6), GPTGEN_FOUR_SUMS(d, i + 7)

// d (64 x Columns, a warp's 16 rows as of multiplyBf16) = left (64 x 16) right (16 x Columns), added to d with `Keep`. The left operand is 64 rows of
// a tile. The right one is `Columns` rows of a tile as its columns, or, with `Across`, 16 rows of a tile as its rows.
template <int Columns, bool Keep, bool Across>
DEVICE void multiplyGroup(float (&d)[Columns / 8][4], unsigned long long left, unsigned long long right) {
    static_assert(Columns == 64 || (Columns == 128 && !Across), "these have a text");
#ifdef GPTGEN_EMULATOR
    emulator_group_multiply(&d[0][0], Columns, Keep, nullptr, left, right, Across);
#else
    if constexpr (Columns == 64)
        asm volatile("{ .reg .pred keep; setp.ne.b32 keep, %34, 0; wgmma.mma_async.sync.aligned.m64n64k16.f32.bf16.bf16 {%0, %1, %2, %3, "
                     "%4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, %16, %17, %18, %19, %20, %21, %22, %23, %24, %25, %26, %27, "
                     "%28, %29, %30, %31}, %32, %33, keep, 1, 1, 0, %35; }"
                     : GPTGEN_SUMS(d, 0)
                     : "l"(left), "l"(right), "n"((int)Keep), "n"((int)Across));
    else
        asm volatile("{ .reg .pred keep; setp.ne.b32 keep, %66, 0; wgmma.mma_async.sync.aligned.m64n128k16.f32.bf16.bf16 {%0, %1, %2, "
                     "%3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, %16, %17, %18, %19, %20, %21, %22, %23, %24, %25, %26, "
                     "%27, %28, %29, %30, %31, %32, %33, %34, %35, %36, %37, %38, %39, %40, %41, %42, %43, %44, %45, %46, %47, %48, %49, "
                     "%50, %51, %52, %53, %54, %55, %56, %57, %58, %59, %60, %61, %62, %63}, %64, %65, keep, 1, 1, 0, %67; }"
                     : GPTGEN_SUMS(d, 0), GPTGEN_SUMS(d, 8)
                     : "l"(left), "l"(right), "n"((int)Keep), "n"((int)Across));
#endif
}

// The same with the left operand in registers, a warp's 16 rows as of multiplyBf16. They are read until the product is waited for.
template <int Columns, bool Keep, bool Across>
DEVICE void multiplyGroup(float (&d)[Columns / 8][4], const unsigned (&a)[4], unsigned long long right) {
    static_assert(Columns == 64, "this has a text");
#ifdef GPTGEN_EMULATOR
    emulator_group_multiply(&d[0][0], Columns, Keep, a, 0, right, Across);
#else
    asm volatile("{ .reg .pred keep; setp.ne.b32 keep, %37, 0; wgmma.mma_async.sync.aligned.m64n64k16.f32.bf16.bf16 {%0, %1, %2, %3, "
                 "%4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, %16, %17, %18, %19, %20, %21, %22, %23, %24, %25, %26, %27, "
                 "%28, %29, %30, %31}, {%32, %33, %34, %35}, %36, keep, 1, 1, %38; }"
                 : GPTGEN_SUMS(d, 0)
                 : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "l"(right), "n"((int)Keep), "n"((int)Across));
#endif
}

// Before the first product after registers that it reads or adds to were written otherwise.
DEVICE void beginProducts() {
#ifdef GPTGEN_EMULATOR
    emulator_group_fence();
#else
    asm volatile("wgmma.fence.sync.aligned;" ::: "memory");
#endif
}

// Closes the group of the products started since the last call.
DEVICE void commitProducts() {
#ifdef GPTGEN_EMULATOR
    emulator_group_commit();
#else
    asm volatile("wgmma.commit_group.sync.aligned;" ::: "memory");
#endif
}

// Waits until at most `Groups` groups of products are under way. Sums are not to be touched before; `holdSums` says so to the compiler.
template <int Groups>
DEVICE void waitForProducts() {
#ifdef GPTGEN_EMULATOR
    emulator_group_wait(Groups);
#else
    asm volatile("wgmma.wait_group.sync.aligned %0;" ::"n"(Groups) : "memory");
#endif
}

template <int Count>
DEVICE void holdSums(float (&d)[Count][4]) {
#ifndef GPTGEN_EMULATOR
#pragma unroll
    for (int i = 0; i < Count; i++) asm volatile("" : GPTGEN_FOUR_SUMS(d, i)::"memory");
#endif
}

// What this thread wrote to shared memory can be read by products after the next barrier.
DEVICE void showToProducts() {
#ifdef GPTGEN_EMULATOR
    emulator_proxy_fence();
#else
    asm volatile("fence.proxy.async.shared::cta;" ::: "memory");
#endif
}

#endif
