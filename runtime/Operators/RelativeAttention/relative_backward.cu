// Relative attention backward: three kernels, so that every gradient is summed by one block in one order, or by a fixed number of parts. Tiles of
// queries for their own gradients and those of the biases, tiles of keys for those of keys and values, tiles of distances for theirs. Probabilities
// come from the kept log-sum-exps, as in attention backward; the kernel of the queries runs first and leaves the deltas dy . y.
namespace attention {

#define RELATIVE_OPERANDS const Activation *qkv, const Activation *distances, const Parameter *contentBias, const Parameter *positionBias

// The sums of all rows of a tile, from each thread's rows; `room` has a row for each of the 8 rows of threads.
template <int Size, int Rows>
DEVICE void storeColumnSums(float* to, const float4 (&sums)[Rows][Head<Size>::Chunks], float* room, Columns<Size> columns) {
#pragma unroll
    for (int chunk = 0; chunk < Head<Size>::Chunks; chunk++) {
        float4 sum = sums[0][chunk];
#pragma unroll
        for (int i = 1; i < Rows; i++) sum = sum + sums[i][chunk];
        if (columns.has(chunk)) store4(room + (int)threadIdx.x / ThreadColumns * Head<Size>::Stride + columns.at(chunk), sum);
    }
    __syncthreads();
    for (int column = (int)threadIdx.x; column < Size; column += Threads) {
        float sum = room[column];
        for (int row = 1; row < ThreadRows; row++) sum += room[row * Head<Size>::Stride + column];
        to[column] = sum;
    }
}

// `biasSums`: [sequence x tiles + tile, 2, width], what the queries of a block add to the gradients of the two biases.
template <int Size, int Tile, int Drop>
__global__ void __launch_bounds__(Threads)
relativeQueries(RELATIVE_OPERANDS, const Activation* dy, const Activation* y, const Statistic* logSumExp, Statistic* deltas, Activation* dQkv,
                float* biasSums, RELATIVE_PARAMETERS, DROPOUT_PARAMETERS) {
    constexpr int Stride = Head<Size>::Stride, WeightStride = Tile + 4;
    constexpr int Rows = Tile / ThreadRows, Run = Tile / ThreadColumns;
    extern __shared__ __align__(16) float attentionTiles[];
    float* contents = attentionTiles;
    float* positions = contents + Tile * Stride;
    float* outputs = positions + Tile * Stride;
    float* keys = outputs + Tile * Stride;
    float* values = keys + Tile * Stride;
    float* diagonals = values + Tile * Stride;
    float* weights = diagonals + 2 * Tile * Stride;

    Relative view = RELATIVE;
    int item = (int)blockIdx.x, sequence = item / heads, head = item % heads, width = view.width(Size), firstQuery = (int)blockIdx.y * Tile;
    long long start = (long long)sequence * queryLength, keyStart = (long long)sequence * keyLength;
    const Activation* keyRows = qkv + keyStart * 3 * width + width + head * Size;
    int column = (int)threadIdx.x % ThreadColumns, firstRow = (int)threadIdx.x / ThreadColumns * Rows;
    bool vector = isVector(qkv, Size), vectorDistances = isVector(distances, Size), vectorY = isVector(y, Size);
    Columns<Size> columns(column);
    DropoutMask mask = DROPOUT_MASK;

    float4 contentSums[Rows][Head<Size>::Chunks], positionSums[Rows][Head<Size>::Chunks];
    float norms[Rows], delta[Rows];
    clear(contentSums);
    clear(positionSums);
    loadQueries<Size, Tile>(contents, positions, qkv, contentBias, positionBias, sequence, head, firstQuery, view);
    loadTile<Size, Tile, false>(outputs, dy + start * width + head * Size, width, firstQuery, queryLength, isVector(dy, Size));
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
            if (query < queryLength && columns.has(chunk))
                part += dot(load4(outputs + (firstRow + i) * Stride + columns.at(chunk)),
                            loadQuad(y + (start + query) * width + head * Size, columns.at(chunk), Size, vectorY));
        delta[i] = warpSum<ThreadColumns>(part);
        norms[i] = query < queryLength ? logSumExp[place] : 0.0f;
        if (query < queryLength && column == 0) deltas[place] = delta[i];
    }

    int end = view.endOfKeys(firstQuery + Tile);
    for (int firstKey = view.firstKey(firstQuery) / Tile * Tile; firstKey < end; firstKey += Tile) {
        loadTile<Size, Tile, true>(keys, keyRows, 3 * width, firstKey, end, vector);
        loadTile<Size, Tile, true>(values, keyRows + width, 3 * width, firstKey, end, vector);
        loadDiagonals<Size, Tile>(diagonals, distances + head * Size, width, view.memory() + firstQuery - firstKey - (Tile - 1), keyLength,
                                  vectorDistances);
        commitCopies();
        waitForCopies<0>();
        __syncthreads();
        float scores[Rows][Run], gradients[Rows][Run];
        multiplyRows<Size>(scores, contents + firstRow * Stride, keys + column * Stride);
        multiplyDiagonals<Size, Tile>(scores, positions + firstRow * Stride, diagonals, firstRow, column);
        multiplyRows<Size>(gradients, outputs + firstRow * Stride, values + column * Stride);
#pragma unroll
        for (int i = 0; i < Rows; i++) {
            differentiateRelative<Drop>(scores[i], gradients[i], item, firstQuery + firstRow + i, norms[i], delta[i], mask, view,
                                        [&](int j) { return firstKey + column * Run + j; });
            storeRun(weights + (firstRow + i) * WeightStride + column * Run, gradients[i]);
        }
        // A row of weights is written and read by the same half of a warp.
        __syncwarp();
        addWeightedRows<Size, Rows, Tile, true>(contentSums, weights + firstRow * WeightStride, keys, columns);
        addWeightedDiagonals<Size, Tile>(positionSums, weights + firstRow * WeightStride, diagonals, firstRow, columns);
        __syncthreads();
    }

    float* biases = biasSums + ((long long)sequence * gridDim.y + blockIdx.y) * 2 * width + head * Size;
    storeColumnSums<Size>(biases, contentSums, contents, columns);
    storeColumnSums<Size>(biases + width, positionSums, positions, columns);
    bool vectorOutput = isVector(dQkv, Size);
#pragma unroll
    for (int i = 0; i < Rows; i++) {
        int query = firstQuery + firstRow + i;
        if (query >= queryLength) continue;
#pragma unroll
        for (int chunk = 0; chunk < Head<Size>::Chunks; chunk++) contentSums[i][chunk] = contentSums[i][chunk] + positionSums[i][chunk];
        storeSums<Size>(dQkv + (keyStart + view.memory() + query) * 3 * width + head * Size, contentSums[i], 1.0f, true, columns, vectorOutput);
    }
}

template <int Size, int Tile, int Drop>
__global__ void __launch_bounds__(Threads)
relativeKeys(RELATIVE_OPERANDS, const Activation* dy, const Statistic* logSumExp, const Statistic* deltas, Activation* dQkv, RELATIVE_PARAMETERS,
             DROPOUT_PARAMETERS) {
    constexpr int Stride = Head<Size>::Stride, WeightStride = Tile + 4;
    constexpr int Rows = Tile / ThreadRows, Run = Tile / ThreadColumns;
    extern __shared__ __align__(16) float attentionTiles[];
    float* contents = attentionTiles;
    float* positions = contents + Tile * Stride;
    float* outputs = positions + Tile * Stride;
    float* keys = outputs + Tile * Stride;
    float* values = keys + Tile * Stride;
    float* diagonals = values + Tile * Stride;
    float* keyWeights = diagonals + 2 * Tile * Stride;
    float* valueWeights = keyWeights + Tile * WeightStride;

    Relative view = RELATIVE;
    int item = (int)blockIdx.x, sequence = item / heads, head = item % heads, width = view.width(Size), firstKey = (int)blockIdx.y * Tile;
    long long start = (long long)sequence * queryLength, keyStart = (long long)sequence * keyLength;
    const Activation* keyRows = qkv + keyStart * 3 * width + width + head * Size;
    int column = (int)threadIdx.x % ThreadColumns, firstRow = (int)threadIdx.x / ThreadColumns * Rows;
    bool vector = isVector(qkv, Size), vectorDistances = isVector(distances, Size), vectorDy = isVector(dy, Size);
    Columns<Size> columns(column);
    DropoutMask mask = DROPOUT_MASK;

    float4 keySums[Rows][Head<Size>::Chunks], valueSums[Rows][Head<Size>::Chunks];
    clear(keySums);
    clear(valueSums);
    loadTile<Size, Tile, true>(keys, keyRows, 3 * width, firstKey, keyLength, vector);
    loadTile<Size, Tile, true>(values, keyRows + width, 3 * width, firstKey, keyLength, vector);

    // The queries that see one of the keys: from the first key's own on, as far as the last one's window goes.
    int end = min(queryLength, firstKey + Tile - 1 + window - view.memory());
    for (int firstQuery = max(firstKey - view.memory(), 0); firstQuery < end; firstQuery += Tile) {
        loadQueries<Size, Tile>(contents, positions, qkv, contentBias, positionBias, sequence, head, firstQuery, view);
        loadTile<Size, Tile, false>(outputs, dy + start * width + head * Size, width, firstQuery, queryLength, vectorDy);
        loadDiagonals<Size, Tile>(diagonals, distances + head * Size, width, view.memory() + firstQuery - firstKey - (Tile - 1), keyLength,
                                  vectorDistances);
        commitCopies();
        waitForCopies<0>();
        __syncthreads();
        float scores[Rows][Run], gradients[Rows][Run];
        multiplyRows<Size>(scores, contents + firstRow * Stride, keys + column * Stride);
        multiplyDiagonals<Size, Tile>(scores, positions + firstRow * Stride, diagonals, firstRow, column);
        multiplyRows<Size>(gradients, outputs + firstRow * Stride, values + column * Stride);
#pragma unroll
        for (int i = 0; i < Rows; i++) {
            int query = firstQuery + firstRow + i;
            bool valid = query < queryLength;
            long long place = (long long)item * queryLength + query;
            differentiateRelative<Drop>(scores[i], gradients[i], item, query, valid ? logSumExp[place] : 0.0f, valid ? deltas[place] : 0.0f, mask,
                                        view, [&](int j) { return firstKey + column * Run + j; });
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
        addWeightedRows<Size, Rows, Tile, false>(keySums, keyWeights + firstRow * WeightStride, contents, columns);
        addWeightedRows<Size, Rows, Tile, false>(valueSums, valueWeights + firstRow * WeightStride, outputs, columns);
        __syncthreads();
    }
    // Without queries the copies of keys and values are still on their way.
    commitCopies();
    waitForCopies<0>();

    float4 none[Rows][Head<Size>::Chunks];
    clear(none);
    bool vectorOutput = isVector(dQkv, Size);
#pragma unroll
    for (int i = 0; i < Rows; i++) {
        int key = firstKey + keyAtPlace<Tile>(firstRow + i);
        if (key >= keyLength) continue;
        Activation* row = dQkv + (keyStart + key) * 3 * width + head * Size;
        storeSums<Size>(row + width, keySums[i], 1.0f, true, columns, vectorOutput);
        storeSums<Size>(row + 2 * width, valueSums[i], 1.0f, true, columns, vectorOutput);
        if (key < view.memory()) storeSums<Size>(row, none[i], 1.0f, true, columns, vectorOutput);
    }
}

// `parts`: [part, key length, width]; a part has so many sequences.
template <int Size, int Tile, int Drop>
__global__ void __launch_bounds__(Threads)
relativeDistances(RELATIVE_OPERANDS, const Activation* dy, const Statistic* logSumExp, const Statistic* deltas, float* parts, int sequences,
                  int sequencesOfPart, RELATIVE_PARAMETERS, DROPOUT_PARAMETERS) {
    constexpr int Stride = Head<Size>::Stride, WeightStride = Tile + 4;
    constexpr int Rows = Tile / ThreadRows, Run = Tile / ThreadColumns;
    extern __shared__ __align__(16) float attentionTiles[];
    float* contents = attentionTiles;
    float* positions = contents + Tile * Stride;
    float* outputs = positions + Tile * Stride;
    float* rows = outputs + Tile * Stride;
    float* keys = rows + Tile * Stride;
    float* values = keys + 2 * Tile * Stride;
    float* weights = values + 2 * Tile * Stride;

    Relative view = RELATIVE;
    int part = (int)blockIdx.x / heads, head = (int)blockIdx.x % heads, width = view.width(Size), firstDistance = (int)blockIdx.y * Tile;
    int column = (int)threadIdx.x % ThreadColumns, firstRow = (int)threadIdx.x / ThreadColumns * Rows;
    bool vector = isVector(qkv, Size), vectorDy = isVector(dy, Size);
    Columns<Size> columns(column);
    DropoutMask mask = DROPOUT_MASK;

    float4 sums[Rows][Head<Size>::Chunks];
    clear(sums);
    loadTile<Size, Tile, true>(rows, distances + head * Size, width, firstDistance, keyLength, isVector(distances, Size));

    int end = firstDistance < window ? queryLength : 0;
    for (int sequence = part * sequencesOfPart; sequence < min(sequences, (part + 1) * sequencesOfPart); sequence++) {
        int item = sequence * heads + head;
        const Activation* keyRows = qkv + (long long)sequence * keyLength * 3 * width + width + head * Size;
        const Activation* dyRows = dy + (long long)sequence * queryLength * width + head * Size;
        for (int firstQuery = max(firstDistance - view.memory(), 0); firstQuery < end; firstQuery += Tile) {
            int firstKey = view.memory() + firstQuery - firstDistance;
            loadQueries<Size, Tile>(contents, positions, qkv, contentBias, positionBias, sequence, head, firstQuery, view);
            loadTile<Size, Tile, false>(outputs, dyRows, width, firstQuery, queryLength, vectorDy);
            loadDiagonals<Size, Tile>(keys, keyRows, 3 * width, firstKey - (Tile - 1), keyLength, vector);
            loadDiagonals<Size, Tile>(values, keyRows + width, 3 * width, firstKey - (Tile - 1), keyLength, vector);
            commitCopies();
            waitForCopies<0>();
            __syncthreads();
            float scores[Rows][Run], gradients[Rows][Run];
            multiplyRows<Size>(scores, positions + firstRow * Stride, rows + column * Stride);
            multiplyDiagonals<Size, Tile>(scores, contents + firstRow * Stride, keys, firstRow, column);
#pragma unroll
            for (int i = 0; i < Rows; i++)
#pragma unroll
                for (int j = 0; j < Run; j++) gradients[i][j] = 0.0f;
            multiplyDiagonals<Size, Tile>(gradients, outputs + firstRow * Stride, values, firstRow, column);
#pragma unroll
            for (int i = 0; i < Rows; i++) {
                int query = firstQuery + firstRow + i;
                bool valid = query < queryLength;
                long long place = (long long)item * queryLength + query;
                differentiateRelative<Drop>(scores[i], gradients[i], item, query, valid ? logSumExp[place] : 0.0f, valid ? deltas[place] : 0.0f,
                                            mask, view, [&](int j) { return firstKey + firstRow + i - (column * Run + j); });
            }
#pragma unroll
            for (int j = 0; j < Run; j++) {
                float run[Rows];
#pragma unroll
                for (int i = 0; i < Rows; i++) run[i] = gradients[i][j];
                storeRun(weights + (j * ThreadColumns + column) * WeightStride + firstRow, run);
            }
            __syncthreads();
            addWeightedRows<Size, Rows, Tile, false>(sums, weights + firstRow * WeightStride, positions, columns);
            __syncthreads();
        }
    }
    // Without queries the copies of the distances are still on their way.
    commitCopies();
    waitForCopies<0>();

    bool vectorOutput = isVector(parts, Size);
#pragma unroll
    for (int i = 0; i < Rows; i++) {
        int distance = firstDistance + keyAtPlace<Tile>(firstRow + i);
        if (distance < keyLength)
            storeSums<Size>(parts + ((long long)part * keyLength + distance) * width + head * Size, sums[i], 1.0f, true, columns, vectorOutput);
    }
}

// The distances' gradients from those of some parts; rows that no distance belongs to get zero.
template <int Vector>
__global__ void relativeDistanceSums(const float* parts, Activation* dDistances, int count, long long elements, long long rowElements) {
    long long first = 4ll * (blockIdx.x * (long long)blockDim.x + threadIdx.x);
    for (long long i = first; i < min(first + 4, rowElements); i += Vector) {
        Pack<Vector> sum = all<Vector>(0.0f);
        for (int part = 0; part < count && i < elements; part++) sum = sum + load<Vector>(parts + part * elements + i);
        store(dDistances + i, sum);
    }
}

}  // namespace attention
