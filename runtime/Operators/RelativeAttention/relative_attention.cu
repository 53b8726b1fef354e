// Relative attention forward (Dai et al. 2019): as attention forward, with a second product along the diagonals of queries and keys.
namespace attention {

template <int Size, int Tile, int Drop>
__global__ void __launch_bounds__(Threads)
relativeForward(const Activation* qkv, const Activation* distances, const Parameter* contentBias, const Parameter* positionBias, Activation* y,
                Statistic* logSumExp, RELATIVE_PARAMETERS, DROPOUT_PARAMETERS) {
    constexpr int Stride = Head<Size>::Stride, WeightStride = Tile + 4;
    constexpr int Rows = Tile / ThreadRows, Run = Tile / ThreadColumns;
    extern __shared__ __align__(16) float attentionTiles[];
    float* contents = attentionTiles;
    float* positions = contents + Tile * Stride;
    float* keys = positions + Tile * Stride;
    float* values = keys + Tile * Stride;
    float* diagonals = values + Tile * Stride;
    float* weights = diagonals + 2 * Tile * Stride;

    Relative view = RELATIVE;
    int item = (int)blockIdx.x, sequence = item / heads, head = item % heads, width = view.width(Size);
    int firstQuery = (int)(gridDim.y - 1 - blockIdx.y) * Tile;
    const Activation* keyRows = qkv + (long long)sequence * keyLength * 3 * width + width + head * Size;
    int column = (int)threadIdx.x % ThreadColumns, firstRow = (int)threadIdx.x / ThreadColumns * Rows;
    bool vector = isVector(qkv, Size), vectorDistances = isVector(distances, Size);
    Columns<Size> columns(column);
    DropoutMask mask = DROPOUT_MASK;

    float4 sums[Rows][Head<Size>::Chunks];
    float largest[Rows], total[Rows];
    clear(sums);
#pragma unroll
    for (int i = 0; i < Rows; i++) {
        largest[i] = -infinity();
        total[i] = 0.0f;
    }
    loadQueries<Size, Tile>(contents, positions, qkv, contentBias, positionBias, sequence, head, firstQuery, view);

    int end = view.endOfKeys(firstQuery + Tile);
    for (int firstKey = view.firstKey(firstQuery) / Tile * Tile; firstKey < end; firstKey += Tile) {
        loadTile<Size, Tile, true>(keys, keyRows, 3 * width, firstKey, end, vector);
        loadTile<Size, Tile, false>(values, keyRows + width, 3 * width, firstKey, end, vector);
        loadDiagonals<Size, Tile>(diagonals, distances + head * Size, width, view.memory() + firstQuery - firstKey - (Tile - 1), keyLength,
                                  vectorDistances);
        commitCopies();
        waitForCopies<0>();
        __syncthreads();
        float scores[Rows][Run];
        multiplyRows<Size>(scores, contents + firstRow * Stride, keys + column * Stride);
        multiplyDiagonals<Size, Tile>(scores, positions + firstRow * Stride, diagonals, firstRow, column);
#pragma unroll
        for (int i = 0; i < Rows; i++) {
            int query = firstQuery + firstRow + i, key = firstKey + column * Run;
            float most = largest[i], sum = 0.0f;
#pragma unroll
            for (int j = 0; j < Run; j++) {
                scores[i][j] = view.sees(query, key + j) ? scores[i][j] * scale : -infinity();
                most = fmaxf(most, scores[i][j]);
            }
            most = warpMaximum<ThreadColumns>(most);
            // With a window a query may see none of the first keys: until then there is no maximum.
            float shift = most == -infinity() ? 0.0f : most;
#pragma unroll
            for (int j = 0; j < Run; j++) {
                scores[i][j] = quickExponential(scores[i][j] - shift);
                sum += scores[i][j];
            }
            float correction = quickExponential(largest[i] - shift);
            largest[i] = most;
            total[i] = fmaf(total[i], correction, warpSum<ThreadColumns>(sum));
#pragma unroll
            for (int chunk = 0; chunk < Head<Size>::Chunks; chunk++) sums[i][chunk] = sums[i][chunk] * correction;
            if (Drop) dropRun(scores[i], mask, elementOf(item, query, key, queryLength, keyLength));
            storeRun(weights + (firstRow + i) * WeightStride + column * Run, scores[i]);
        }
        // A row of weights is written and read by the same half of a warp.
        __syncwarp();
        addWeightedRows<Size, Rows, Tile, false>(sums, weights + firstRow * WeightStride, values, columns);
        __syncthreads();
    }

    bool vectorOutput = isVector(y, Size);
#pragma unroll
    for (int i = 0; i < Rows; i++) {
        int query = firstQuery + firstRow + i;
        if (query >= queryLength) continue;
        storeSums<Size>(y + ((long long)sequence * queryLength + query) * width + head * Size, sums[i], 1.0f / total[i], true, columns, vectorOutput);
        if (logSumExp && column == 0) logSumExp[(long long)item * queryLength + query] = largest[i] + logarithm(total[i]);
    }
}

}  // namespace attention
