// Tiles of heads of 64 bf16 for products of warpgroups. Comes after warpgroups.cuh and attention_fragments.cuh.
namespace attention {

// Starts to copy positions `first` and on of one head to a tile; those from `end` on are zero, and nothing is read of them. Rows begin at multiples
// of 16 bytes. A thread's rows are whole eights apart, so that only the address in global memory changes between them: where each was worked out by
// itself, addresses were a fifth of the forward kernel's instructions.
template <int Positions, int BlockThreads>
DEVICE void copyToTile(bf16* tile, const bf16* head, int rowStride, int first, int end) {
    constexpr int Chunks = TileColumns / 8, Rows = BlockThreads / Chunks;
    static_assert(Rows % 8 == 0 && Positions % 8 == 0, "a thread's rows have the same place in the swizzle");
    int row = (int)threadIdx.x / Chunks, column = (int)threadIdx.x % Chunks * 8, left = end - first - row;
    const bf16* from = head + (long long)(first + row) * rowStride + column;
    bf16* to = tile + placeInTile(row, column);
    long long next = (long long)Rows * rowStride;
#pragma unroll
    for (int begin = 0; begin < Positions; begin += Rows, from += next) {
        if (Positions % Rows != 0 && begin + row >= Positions) break;
        copyAsync16(to + begin * TileColumns, from, begin < left);
    }
}

// Starts product = 64 left rows . right rows of two tiles.
template <int Count>
DEVICE void startRows(float (&product)[1][Count][4], unsigned long long left, unsigned long long right) {
    multiplyGroup<8 * Count, false, false>(product[0], left, right);
#pragma unroll
    for (int step = 1; step < TileColumns / ProductDepth; step++)
        multiplyGroup<8 * Count, true, false>(product[0], left + step * NextColumns, right + step * NextColumns);
}

// Starts sums += weights x tile: the tile has a row for each of the weights' columns.
template <int Steps>
DEVICE void startAcross(float (&sums)[1][TileColumns / 8][4], const unsigned (&weights)[Steps][4], unsigned long long tile) {
#pragma unroll
    for (int step = 0; step < Steps; step++) multiplyGroup<TileColumns, true, true>(sums[0], weights[step], tile + step * NextRows);
}

// A product's numbers as a left operand.
template <int Count>
DEVICE void packWeights(unsigned (&weights)[Count / 2][4], const float (&product)[1][Count][4]) {
#pragma unroll
    for (int step = 0; step < Count / 2; step++) asLeft<bf16>(weights[step], product[0], step);
}

template <int Groups, int Count>
DEVICE void waitForSums(float (&sums)[1][Count][4]) {
    waitForProducts<Groups>();
    holdSums(sums[0]);
}

// Waits for all copies, so that what they brought can be multiplied.
DEVICE void waitForTiles() {
    waitForCopies<0>();
    showToProducts();
    __syncthreads();
}

}  // namespace attention
