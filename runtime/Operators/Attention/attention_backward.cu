// Attention backward (FlashAttention, Dao et al. 2022). Two kernels, so that every gradient is summed by one block in one order: tiles of queries
// for dQ, tiles of keys, with all query heads that share them, for dK and dV. Probabilities p come from the kept log-sum-exps. With
// dp = dropout(dy . v) and delta = dy . y, the scores' gradient is p (dp - delta) / sqrt(head size). The one for queries runs first: it leaves the
// deltas that the other reads.
namespace attention {

// From scores and dy . v to the scores' gradients in `gradients`; in `scores` stay the probabilities, after dropout. `visible`: keys that the
// query sees, counted from the tile's first.
template <int Drop, int Run>
DEVICE void differentiateSoftmax(float (&scores)[Run], float (&gradients)[Run], int visible, int column, float scale, float logSumExp, float delta,
                                 const DropoutMask& mask, unsigned long long element) {
    if (Drop) dropRun(gradients, mask, element);
#pragma unroll
    for (int j = 0; j < Run; j++) {
        scores[j] = column * Run + j < visible ? quickExponential(fmaf(scores[j], scale, -logSumExp)) : 0.0f;
        gradients[j] = scores[j] * ((gradients[j] - delta) * scale);
    }
    if (Drop) dropRun(scores, mask, element);
}

template <int Size, int Queries, int Keys, int Causal, int Drop>
__global__ void __launch_bounds__(Threads, 3)
backwardQueries(const Activation* allQueries, const Activation* allKeys, const Activation* allValues, const Token* queryLengths,
                const Token* keyLengths, const Activation* dy, const Activation* y, const Statistic* logSumExp, Statistic* deltas,
                Activation* dQuery, ATTENTION_PARAMETERS, int dQueryStride, DROPOUT_PARAMETERS) {
    constexpr int Stride = Head<Size>::Stride, WeightStride = Keys + 4;
    constexpr int Rows = Queries / ThreadRows, Run = Keys / ThreadColumns;
    extern __shared__ __align__(16) float attentionTiles[];
    float* queries = attentionTiles;
    float* outputs = queries + Queries * Stride;
    float* keys = outputs + Queries * Stride;
    float* values = keys + Keys * Stride;
    float* weights = values + Keys * Stride;

    int item = (int)blockIdx.x, sequence = item / heads, head = item % heads;
    int count = queryLengths[sequence], keyCount = keyLengths[sequence], shift = keyCount - count;
    int firstQuery = (int)(gridDim.y - 1 - blockIdx.y) * Queries, width = heads * Size;
    long long start = (long long)sequence * queryLength, keyStart = (long long)sequence * keyLength;
    const Activation* keyRows = allKeys + keyStart * keyStride + head / group * Size;
    const Activation* valueRows = allValues + keyStart * valueStride + head / group * Size;
    int column = (int)threadIdx.x % ThreadColumns, firstRow = (int)threadIdx.x / ThreadColumns * Rows;
    bool vectorKeys = isVector(allKeys, Size, keyStride), vectorValues = isVector(allValues, Size, valueStride), vectorY = isVector(y, Size);
    Columns<Size> columns(column);
    DropoutMask mask = DROPOUT_MASK;

    float4 sums[Rows][Head<Size>::Chunks];
    float norms[Rows], delta[Rows];
    clear(sums);

    int end = firstQuery >= count ? 0 : endOfKeys<Causal>(firstQuery + Queries, keyCount, shift);
    if (end > 0) {
        loadTile<Size, Queries, false>(queries, allQueries + start * queryStride + head * Size, queryStride, firstQuery, count,
                                       isVector(allQueries, Size, queryStride));
        loadTile<Size, Queries, false>(outputs, dy + start * width + head * Size, width, firstQuery, count, isVector(dy, Size));
        commitCopies();
        waitForCopies<0>();
        __syncthreads();
#pragma unroll
        for (int i = 0; i < Rows; i++) {
            int query = firstQuery + firstRow + i;
            long long place = (long long)item * queryLength + query;
            float part = 0.0f;
#pragma unroll
            for (int chunk = 0; chunk < Head<Size>::Chunks; chunk++)
                if (query < count && columns.has(chunk))
                    part += dot(load4(outputs + (firstRow + i) * Stride + columns.at(chunk)),
                                loadQuad(y + (start + query) * width + head * Size, columns.at(chunk), Size, vectorY));
            delta[i] = warpSum<ThreadColumns>(part);
            norms[i] = query < count ? logSumExp[place] : 0.0f;
            if (query < count && column == 0) deltas[place] = delta[i];
        }
    }

    for (int firstKey = 0; firstKey < end; firstKey += Keys) {
        loadTile<Size, Keys, true>(keys, keyRows, keyStride, firstKey, end, vectorKeys);
        loadTile<Size, Keys, true>(values, valueRows, valueStride, firstKey, end, vectorValues);
        commitCopies();
        waitForCopies<0>();
        __syncthreads();
        float scores[Rows][Run], gradients[Rows][Run];
        multiplyRows<Size>(scores, queries + firstRow * Stride, keys + column * Stride);
        multiplyRows<Size>(gradients, outputs + firstRow * Stride, values + column * Stride);
#pragma unroll
        for (int i = 0; i < Rows; i++) {
            int query = firstQuery + firstRow + i;
            differentiateSoftmax<Drop>(scores[i], gradients[i], visibleKeys<Causal>(query, keyCount, shift, firstKey), column, scale, norms[i],
                                       delta[i], mask, elementOf(item, query, firstKey + column * Run, queryLength, keyLength));
            storeRun(weights + (firstRow + i) * WeightStride + column * Run, gradients[i]);
        }
        // A row of weights is written and read by the same half of a warp.
        __syncwarp();
        addWeightedRows<Size, Rows, Keys, true>(sums, weights + firstRow * WeightStride, keys, columns);
        __syncthreads();
    }

    bool vectorOutput = isVector(dQuery, Size, dQueryStride);
#pragma unroll
    for (int i = 0; i < Rows; i++) {
        int query = firstQuery + firstRow + i;
        if (query < queryLength)
            storeSums<Size>(dQuery + (start + query) * dQueryStride + head * Size, sums[i], 1.0f, query < count, columns, vectorOutput);
    }
}

template <int Size, int Queries, int Keys, int Causal, int Drop>
__global__ void __launch_bounds__(Threads, 3)
backwardKeysAndValues(const Activation* allQueries, const Activation* allKeys, const Activation* allValues, const Token* queryLengths,
                      const Token* keyLengths, const Activation* dy, const Statistic* logSumExp, const Statistic* deltas, Activation* dKey,
                      Activation* dValue, ATTENTION_PARAMETERS, int dKeyStride, int dValueStride, DROPOUT_PARAMETERS) {
    constexpr int Stride = Head<Size>::Stride, WeightStride = Queries + 4;
    constexpr int Rows = Queries / ThreadRows, Run = Keys / ThreadColumns, KeyRows = Keys / ThreadRows;
    extern __shared__ __align__(16) float attentionTiles[];
    float* keys = attentionTiles;
    float* values = keys + Keys * Stride;
    float* queries = values + Keys * Stride;
    float* outputs = queries + Queries * Stride;
    float* keyWeights = outputs + Queries * Stride;
    float* valueWeights = keyWeights + Keys * WeightStride;

    int keyHeads = heads / group, sequence = (int)blockIdx.x / keyHeads, keyHead = (int)blockIdx.x % keyHeads;
    int count = queryLengths[sequence], keyCount = keyLengths[sequence], shift = keyCount - count;
    int firstKey = (int)blockIdx.y * Keys, width = heads * Size;
    long long start = (long long)sequence * queryLength, keyStart = (long long)sequence * keyLength;
    int column = (int)threadIdx.x % ThreadColumns, firstRow = (int)threadIdx.x / ThreadColumns * Rows;
    int firstKeyRow = (int)threadIdx.x / ThreadColumns * KeyRows;
    bool vectorQuery = isVector(allQueries, Size, queryStride), vectorDy = isVector(dy, Size);
    Columns<Size> columns(column);
    DropoutMask mask = DROPOUT_MASK;

    float4 keySums[KeyRows][Head<Size>::Chunks], valueSums[KeyRows][Head<Size>::Chunks];
    clear(keySums);
    clear(valueSums);

    // With a causal mask every query from the first one on sees this tile's first key.
    int begin = Causal ? max(firstKey - shift, 0) : 0, end = firstKey < keyCount && begin < count ? count : 0;
    if (end > 0) {
        loadTile<Size, Keys, true>(keys, allKeys + keyStart * keyStride + keyHead * Size, keyStride, firstKey, keyCount,
                                   isVector(allKeys, Size, keyStride));
        loadTile<Size, Keys, true>(values, allValues + keyStart * valueStride + keyHead * Size, valueStride, firstKey, keyCount,
                                   isVector(allValues, Size, valueStride));
    }

    for (int member = 0; member < group; member++) {
        int head = keyHead * group + member, item = sequence * heads + head;
        for (int firstQuery = begin; firstQuery < end; firstQuery += Queries) {
            loadTile<Size, Queries, false>(queries, allQueries + start * queryStride + head * Size, queryStride, firstQuery, count, vectorQuery);
            loadTile<Size, Queries, false>(outputs, dy + start * width + head * Size, width, firstQuery, count, vectorDy);
            commitCopies();
            waitForCopies<0>();
            __syncthreads();
            float scores[Rows][Run], gradients[Rows][Run];
            multiplyRows<Size>(scores, queries + firstRow * Stride, keys + column * Stride);
            multiplyRows<Size>(gradients, outputs + firstRow * Stride, values + column * Stride);
#pragma unroll
            for (int i = 0; i < Rows; i++) {
                int query = firstQuery + firstRow + i;
                bool valid = query < count;
                long long place = (long long)item * queryLength + query;
                // A query beyond the end has output gradients of zero, so it adds nothing.
                differentiateSoftmax<Drop>(scores[i], gradients[i], visibleKeys<Causal>(query, keyCount, shift, firstKey), column, scale,
                                           valid ? logSumExp[place] : 0.0f, valid ? deltas[place] : 0.0f, mask,
                                           elementOf(item, query, firstKey + column * Run, queryLength, keyLength));
            }
            // Transposed: a row of weights for each key, in the order of the tile.
#pragma unroll
            for (int j = 0; j < Run; j++) {
                float keyRun[Rows], valueRun[Rows];
#pragma unroll
                for (int i = 0; i < Rows; i++) {
                    keyRun[i] = gradients[i][j];
                    valueRun[i] = scores[i][j];
                }
                storeRun(keyWeights + (j * ThreadColumns + column) * WeightStride + firstRow, keyRun);
                storeRun(valueWeights + (j * ThreadColumns + column) * WeightStride + firstRow, valueRun);
            }
            __syncthreads();
            addWeightedRows<Size, KeyRows, Queries, false>(keySums, keyWeights + firstKeyRow * WeightStride, queries, columns);
            addWeightedRows<Size, KeyRows, Queries, false>(valueSums, valueWeights + firstKeyRow * WeightStride, outputs, columns);
            __syncthreads();
        }
    }

    bool vectorKeySums = isVector(dKey, Size, dKeyStride), vectorValueSums = isVector(dValue, Size, dValueStride);
#pragma unroll
    for (int i = 0; i < KeyRows; i++) {
        int key = firstKey + keyAtPlace<Keys>(firstKeyRow + i);
        if (key >= keyLength) continue;
        storeSums<Size>(dKey + (keyStart + key) * dKeyStride + keyHead * Size, keySums[i], 1.0f, key < keyCount, columns, vectorKeySums);
        storeSums<Size>(dValue + (keyStart + key) * dValueStride + keyHead * Size, valueSums[i], 1.0f, key < keyCount, columns, vectorValueSums);
    }
}

}  // namespace attention
