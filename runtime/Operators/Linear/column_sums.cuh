// Sums of columns, which several operators have. Comes after the prelude and packs.cuh.
#ifndef GPTGEN_COLUMN_SUMS
#define GPTGEN_COLUMN_SUMS

// sums[column] = factor x the sum of the rows from `first` to before `last`, which lie `stride` apart, or, with `Add`, added to what is there; for
// the `part`th `WarpSize` x `Vector` columns, by a block. A warp has every `Warps`th row; the warps' sums are added in their order.
template <int Vector, int Add, int Threads, class From, class To>
DEVICE void sumColumns(const From* values, To* sums, int part, int first, int last, int width, int stride, float factor = 1.0f) {
    const int Warps = Threads / WarpSize;
    __shared__ Pack<Vector> shared[Warps][WarpSize];
    int column = (part * WarpSize + laneIndex()) * Vector;
    Pack<Vector> total = all<Vector>(0.0f);
    if (column < width) {
#pragma unroll 4
        for (int row = first + warpIndex(); row < last; row += Warps) total = total + load<Vector>(values + (long long)row * stride + column);
    }
    shared[warpIndex()][laneIndex()] = total;
    __syncthreads();
    if (warpIndex() == 0 && column < width) {
#pragma unroll
        for (int warp = 1; warp < Warps; warp++) total = total + shared[warp][laneIndex()];
        total = total * factor;
        if constexpr (Add) total = total + load<Vector>(sums + column);
        store(sums + column, total);
    }
}

#endif
