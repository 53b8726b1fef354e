// Sorts rows by their index and keeps the order of equal ones: a radix sort by digits of eight bits, the lowest first, a tile of rows a block. Counts
// are integers and nothing is added atomically, so the order of blocks and warps does not matter.
constexpr int DigitCount = 256;
constexpr int SortThreads = 256;  // a thread a digit
constexpr int SortWarps = SortThreads / WarpSize;
constexpr int RowsOfLane = 8;
constexpr int TileRows = SortThreads * RowsOfLane;

// A count for each digit of each warp's rows, and one for the places beyond the last row.
using WarpDigits = int[SortWarps][DigitCount + 1];

DEVICE int rowOfLane(int round) { return blockIdx.x * TileRows + (warpIndex() * RowsOfLane + round) * WarpSize + laneIndex(); }

// For each of a lane's rows its digit and how many rows of its warp before it have the same; and the warp's counts. Ends with a barrier.
DEVICE void rankRows(const int* indices, int rows, int shift, WarpDigits& counts, int (&digit)[RowsOfLane], int (&rank)[RowsOfLane]) {
    int* own = counts[warpIndex()];
    for (int i = laneIndex(); i <= DigitCount; i += WarpSize) own[i] = 0;
    __syncwarp();
#pragma unroll
    for (int round = 0; round < RowsOfLane; round++) {
        int row = rowOfLane(round);
        digit[round] = row < rows ? indices[row] >> shift & (DigitCount - 1) : DigitCount;
        unsigned equal = __match_any_sync(WholeWarp, (unsigned)digit[round]);
        rank[round] = own[digit[round]] + __popc(equal & ((1u << laneIndex()) - 1));
        __syncwarp();
        bool isLast = equal >> laneIndex() == 1;
        if (isLast) own[digit[round]] = rank[round] + 1;
        __syncwarp();
    }
    __syncthreads();
}

// counts[digit][tile]: how many rows of a tile have a digit.
__global__ void countDigits(const int* indices, int* counts, int rows, int shift) {
    __shared__ WarpDigits own;
    int digit[RowsOfLane], rank[RowsOfLane];
    rankRows(indices, rows, shift, own, digit, rank);
    int total = 0;
    for (int warp = 0; warp < SortWarps; warp++) total += own[warp][threadIdx.x];
    counts[threadIdx.x * gridDim.x + blockIdx.x] = total;
}

// Replaces each count by the sum of all before it, digit by digit and tile by tile; one block.
__global__ void placeDigits(int* counts, int tiles) {
    __shared__ int warpTotals[SortWarps];
    int* own = counts + threadIdx.x * tiles;
    int total = 0;
    for (int tile = 0; tile < tiles; tile++) total += own[tile];
    int through = total;  // with the lanes before
#pragma unroll
    for (int distance = 1; distance < WarpSize; distance *= 2) {
        int before = __shfl_up_sync(WholeWarp, through, distance);
        if (laneIndex() >= distance) through += before;
    }
    if (laneIndex() == WarpSize - 1) warpTotals[warpIndex()] = through;
    __syncthreads();
    int place = through - total;
    for (int warp = 0; warp < warpIndex(); warp++) place += warpTotals[warp];
    for (int tile = 0; tile < tiles; tile++) {
        int count = own[tile];
        own[tile] = place;
        place += count;
    }
}

// Puts each row where its digit's place is. The rows' numbers before the first pass are their places.
template <int FirstPass>
__global__ void moveRows(const int* indices, const int* order, const int* places, int* sortedIndices, int* sortedOrder, int rows, int shift) {
    __shared__ WarpDigits own;
    int digit[RowsOfLane], rank[RowsOfLane];
    rankRows(indices, rows, shift, own, digit, rank);
    int place = places[threadIdx.x * gridDim.x + blockIdx.x];
    for (int warp = 0; warp < SortWarps; warp++) {
        int count = own[warp][threadIdx.x];
        own[warp][threadIdx.x] = place;
        place += count;
    }
    __syncthreads();
#pragma unroll
    for (int round = 0; round < RowsOfLane; round++) {
        int row = rowOfLane(round);
        if (row >= rows) continue;
        int to = own[warpIndex()][digit[round]] + rank[round];
        sortedIndices[to] = indices[row];
        sortedOrder[to] = FirstPass ? row : order[row];
    }
}
