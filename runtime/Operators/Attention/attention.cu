// Attention forward: FlashAttention (Dao et al. 2022) in the loop order of FlashAttention-2 (Dao 2023). A block has one tile of queries of one
// head, goes over the tiles of keys that they see, and keeps running maxima and sums, so no length x length matrix exists. While one tile is
// worked on, the next one's keys, then its values, are on their way.
namespace attention {

template <int Size, int Queries, int Keys, int Causal, int Drop>
__global__ void __launch_bounds__(Threads, 3)
forward(const Activation* allQueries, const Activation* allKeys, const Activation* allValues, const Token* queryLengths, const Token* keyLengths,
        Activation* y, Statistic* logSumExp, ATTENTION_PARAMETERS, DROPOUT_PARAMETERS) {
    constexpr int Stride = Head<Size>::Stride, WeightStride = Keys + 4;
    constexpr int Rows = Queries / ThreadRows, Run = Keys / ThreadColumns;
    extern __shared__ __align__(16) float attentionTiles[];
    float* queries = attentionTiles;
    float* keys = queries + Queries * Stride;
    float* values = keys + Keys * Stride;
    float* weights = values + Keys * Stride;

    int item = (int)blockIdx.x, sequence = item / heads, head = item % heads;
    int count = queryLengths[sequence], keyCount = keyLengths[sequence], shift = keyCount - count;
    // The longest rows of a causal mask begin first.
    int firstQuery = (int)(gridDim.y - 1 - blockIdx.y) * Queries;
    long long queryStart = (long long)sequence * queryLength, keyStart = (long long)sequence * keyLength;
    const Activation* queryRows = allQueries + queryStart * queryStride + head * Size;
    const Activation* keyRows = allKeys + keyStart * keyStride + head / group * Size;
    const Activation* valueRows = allValues + keyStart * valueStride + head / group * Size;
    int column = (int)threadIdx.x % ThreadColumns, firstRow = (int)threadIdx.x / ThreadColumns * Rows;
    bool vectorKeys = isVector(allKeys, Size, keyStride), vectorValues = isVector(allValues, Size, valueStride);
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

    int end = firstQuery >= count ? 0 : endOfKeys<Causal>(firstQuery + Queries, keyCount, shift);
    if (end > 0) {
        loadTile<Size, Queries, false>(queries, queryRows, queryStride, firstQuery, count, isVector(allQueries, Size, queryStride));
        loadTile<Size, Keys, true>(keys, keyRows, keyStride, 0, end, vectorKeys);
        commitCopies();
        loadTile<Size, Keys, false>(values, valueRows, valueStride, 0, end, vectorValues);
        commitCopies();
    }

    for (int firstKey = 0; firstKey < end; firstKey += Keys) {
        waitForCopies<1>();
        __syncthreads();
        float scores[Rows][Run];
        multiplyRows<Size>(scores, queries + firstRow * Stride, keys + column * Stride);
        __syncthreads();
        if (firstKey + Keys < end) loadTile<Size, Keys, true>(keys, keyRows, keyStride, firstKey + Keys, end, vectorKeys);
        commitCopies();

#pragma unroll
        for (int i = 0; i < Rows; i++) {
            int query = firstQuery + firstRow + i, visible = visibleKeys<Causal>(query, keyCount, shift, firstKey);
            float most = -infinity(), sum = 0.0f;
#pragma unroll
            for (int j = 0; j < Run; j++) {
                scores[i][j] = column * Run + j < visible ? scores[i][j] * scale : -infinity();
                most = fmaxf(most, scores[i][j]);
            }
            // A query that sees a key sees key 0: its maximum is finite from the first tile on. One that sees none keeps nothing of what comes out.
            most = fmaxf(largest[i], warpMaximum<ThreadColumns>(most));
#pragma unroll
            for (int j = 0; j < Run; j++) {
                scores[i][j] = quickExponential(scores[i][j] - most);
                sum += scores[i][j];
            }
            float correction = quickExponential(largest[i] - most);
            largest[i] = most;
            total[i] = fmaf(total[i], correction, warpSum<ThreadColumns>(sum));
#pragma unroll
            for (int chunk = 0; chunk < Head<Size>::Chunks; chunk++) sums[i][chunk] = sums[i][chunk] * correction;
            if (Drop) dropRun(scores[i], mask, elementOf(item, query, firstKey + column * Run, queryLength, keyLength));
            storeRun(weights + (firstRow + i) * WeightStride + column * Run, scores[i]);
        }

        waitForCopies<1>();
        __syncthreads();
        addWeightedRows<Size, Rows, Keys, false>(sums, weights + firstRow * WeightStride, values, columns);
        __syncthreads();
        if (firstKey + Keys < end) loadTile<Size, Keys, false>(values, valueRows, valueStride, firstKey + Keys, end, vectorValues);
        commitCopies();
    }

    bool vectorOutput = isVector(y, Size);
#pragma unroll
    for (int i = 0; i < Rows; i++) {
        int query = firstQuery + firstRow + i;
        if (query >= queryLength) continue;
        bool valid = query < count && visibleKeys<Causal>(query, keyCount, shift, 0) > 0;
        Activation* row = y + ((queryStart + query) * heads + head) * Size;
        storeSums<Size>(row, sums[i], 1.0f / total[i], valid, columns, vectorOutput);
        if (logSumExp && column == 0) logSumExp[(long long)item * queryLength + query] = valid ? largest[i] + logarithm(total[i]) : 0.0f;
    }
}

}  // namespace attention
