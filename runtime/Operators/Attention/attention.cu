// Attention forward: FlashAttention (Dao et al. 2022) in the loop order of FlashAttention-2 (Dao 2023). A block has one tile of queries of one
// head, goes over the tiles of keys that they see, and keeps running maxima and sums, so no length x length matrix exists. While one tile is
// worked on, the next one's keys, then its values, are on their way.
namespace attention {

template <int Size, int Queries, int Keys, int Causal, int Drop>
__global__ void __launch_bounds__(Threads, 3)
forward(const Activation* qkv, const Token* lengths, Activation* y, Statistic* logSumExp, int length, int heads, float scale,
        DROPOUT_PARAMETERS) {
    constexpr int Stride = Head<Size>::Stride, WeightStride = Keys + 4;
    constexpr int Rows = Queries / ThreadRows, Run = Keys / ThreadColumns;
    extern __shared__ __align__(16) float attentionTiles[];
    float* queries = attentionTiles;
    float* keys = queries + Queries * Stride;
    float* values = keys + Keys * Stride;
    float* weights = values + Keys * Stride;

    int item = (int)blockIdx.x, sequence = item / heads, count = lengths[sequence];
    // The longest rows of a causal mask begin first.
    int firstQuery = (int)(gridDim.y - 1 - blockIdx.y) * Queries;
    int width = heads * Size, rowStride = 3 * width;
    const Activation* head = qkv + (long long)sequence * length * rowStride + item % heads * Size;
    int column = (int)threadIdx.x % ThreadColumns, firstRow = (int)threadIdx.x / ThreadColumns * Rows;
    bool vector = isVector(qkv, Size);
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

    int end = firstQuery >= count ? 0 : Causal ? min(count, firstQuery + Queries) : count;
    if (end > 0) {
        loadTile<Size, Queries, false>(queries, head, rowStride, firstQuery, count, vector);
        loadTile<Size, Keys, true>(keys, head + width, rowStride, 0, end, vector);
        commitCopies();
        loadTile<Size, Keys, false>(values, head + 2 * width, rowStride, 0, end, vector);
        commitCopies();
    }

    for (int firstKey = 0; firstKey < end; firstKey += Keys) {
        waitForCopies<1>();
        __syncthreads();
        float scores[Rows][Run];
        multiplyRows<Size>(scores, queries + firstRow * Stride, keys + column * Stride);
        __syncthreads();
        if (firstKey + Keys < end) loadTile<Size, Keys, true>(keys, head + width, rowStride, firstKey + Keys, end, vector);
        commitCopies();

#pragma unroll
        for (int i = 0; i < Rows; i++) {
            int query = firstQuery + firstRow + i, visible = visibleKeys<Causal>(query, count, firstKey);
            float most = -infinity(), sum = 0.0f;
#pragma unroll
            for (int j = 0; j < Run; j++) {
                scores[i][j] = column * Run + j < visible ? scores[i][j] * scale : -infinity();
                most = fmaxf(most, scores[i][j]);
            }
            // Every query, also one beyond the end, sees key 0: the maximum is finite from the first tile on.
            most = fmaxf(largest[i], warpMaximum<ThreadColumns>(most));
#pragma unroll
            for (int j = 0; j < Run; j++) {
                scores[i][j] = exponential(scores[i][j] - most);
                sum += scores[i][j];
            }
            float correction = exponential(largest[i] - most);
            largest[i] = most;
            total[i] = fmaf(total[i], correction, warpSum<ThreadColumns>(sum));
#pragma unroll
            for (int chunk = 0; chunk < Head<Size>::Chunks; chunk++) sums[i][chunk] = sums[i][chunk] * correction;
            if (Drop) dropRun(scores[i], mask, elementOf(item, query, firstKey + column * Run, length));
            storeRun(weights + (firstRow + i) * WeightStride + column * Run, scores[i]);
        }

        waitForCopies<1>();
        __syncthreads();
        addWeightedRows<Size, Rows, Keys, false>(sums, weights + firstRow * WeightStride, values, columns);
        __syncthreads();
        if (firstKey + Keys < end) loadTile<Size, Keys, false>(values, head + 2 * width, rowStride, firstKey + Keys, end, vector);
        commitCopies();
    }

    bool vectorOutput = isVector(y, Size);
#pragma unroll
    for (int i = 0; i < Rows; i++) {
        int query = firstQuery + firstRow + i;
        if (query >= length) continue;
        bool valid = query < count;
        Activation* row = y + ((long long)sequence * length + query) * width + item % heads * Size;
        storeSums<Size>(row, sums[i], 1.0f / total[i], valid, columns, vectorOutput);
        if (logSumExp && column == 0) logSumExp[(long long)item * length + query] = valid ? largest[i] + logarithm(total[i]) : 0.0f;
    }
}

}  // namespace attention
