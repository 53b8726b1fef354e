// Rows of the two tables, a warp a row, and the gradients of tables (of activations too, from which rows were picked). A table's row gets the
// gradients of all rows with its index, in their order: the rows are sorted by index (roworder.cu), chunks of them are summed in parallel, and what
// belongs to one index in several chunks is added in the chunks' order.

// y[r] = dropout(tokenTable[tokens[r]] + positionTable[positions[r]]).
template <int Width, int Vector, int Drop>
__global__ void embed(const Token* tokens, const Token* positions, const Parameter* tokenTable, const Parameter* positionTable, Activation* y,
                      int rows, DROPOUT_PARAMETERS) {
    int row = blockIdx.x * (blockDim.x / WarpSize) + warpIndex();
    if (row >= rows) return;
    const Parameter *token = tokenTable + (long long)tokens[row] * Width, *position = positionTable + (long long)positions[row] * Width;
    long long start = (long long)row * Width;
#pragma unroll 4
    for (int column = laneIndex() * Vector; column < Width; column += WarpSize * Vector) {
        Pack<Vector> value = load<Vector>(token + column) + load<Vector>(position + column);
        if constexpr (Drop) value = drop(DROPOUT_MASK, value, start + column);
        store(y + start + column, value);
    }
}

// Sorted rows that a block sums.
constexpr int ChunkRows = 32;

// What happens to a row's gradient before it is added: nothing, dropout, or a factor, which comes as the dropout's.
enum { AddedAsItIs, AddedDropped, AddedScaled };

// The runs of equal indices of a chunk. What lies wholly inside is added to its row of the table. A run that the chunk before began or that the next
// one goes on with becomes a partial sum: partials[chunk][0] for the former, partials[chunk][1] for the latter.
template <int Width, int Vector, int Change, int TableRole>
__global__ void sumRuns(const int* indices, const int* order, const Activation* dy, ElementOf<TableRole>* table,
                        float* partials, int rows, DROPOUT_PARAMETERS) {
    __shared__ int index[ChunkRows], source[ChunkRows];
    int first = blockIdx.x * ChunkRows, count = min(ChunkRows, rows - first);
    if ((int)threadIdx.x < count) {
        index[threadIdx.x] = indices[first + threadIdx.x];
        source[threadIdx.x] = order[first + threadIdx.x];
    }
    __syncthreads();
    bool begunBefore = first > 0 && indices[first - 1] == index[0];
    bool goesOn = first + count < rows && indices[first + count] == index[count - 1];
    float* partial = partials + (long long)blockIdx.x * 2 * Width;
    for (int column = threadIdx.x * Vector; column < Width; column += blockDim.x * Vector) {
        const int Ahead = 8;  // rows that are loaded before the first of them is needed
        Pack<Vector> total = all<Vector>(0.0f);
        bool firstRun = true;
        for (int start = 0; start < count; start += Ahead) {
            Pack<Vector> gradient[Ahead];
#pragma unroll
            for (int i = 0; i < Ahead; i++)
                if (start + i < count) gradient[i] = load<Vector>(dy + (long long)source[start + i] * Width + column);
#pragma unroll
            for (int i = 0; i < Ahead; i++) {
                int place = start + i;
                if (place >= count) break;
                if constexpr (Change == AddedDropped) gradient[i] = drop(DROPOUT_MASK, gradient[i], (long long)source[place] * Width + column);
                if constexpr (Change == AddedScaled) gradient[i] = gradient[i] * dropoutScale;
                total = total + gradient[i];
                bool last = place + 1 == count;
                if (!last && index[place + 1] == index[place]) continue;
                auto* to = table + (long long)index[place] * Width + column;
                if (firstRun && begunBefore)
                    store(partial + column, total);
                else if (last && goesOn)
                    store(partial + Width + column, total);
                else
                    store(to, load<Vector>(to) + total);
                total = all<Vector>(0.0f);
                firstRun = false;
            }
        }
    }
}

// Adds the partial sums of each run that begins in one chunk and ends in a later one; the block of the chunk where it begins does it.
template <int Width, int Vector, int TableRole>
__global__ void joinRuns(const int* indices, const float* partials, ElementOf<TableRole>* table, int rows) {
    int first = blockIdx.x * ChunkRows, next = first + ChunkRows;
    if (next >= rows) return;
    int own = indices[next];
    bool begunBefore = first > 0 && indices[first - 1] == own;
    if (indices[next - 1] != own || begunBefore) return;
    for (int column = threadIdx.x * Vector; column < Width; column += blockDim.x * Vector) {
        const float* partial = partials + (long long)blockIdx.x * 2 * Width + column;
        Pack<Vector> total = load<Vector>(partial + Width);
        for (int after = next; after < rows && indices[after] == own; after += ChunkRows) {
            partial += 2 * Width;
            total = total + load<Vector>(partial);
        }
        auto* to = table + (long long)own * Width + column;
        store(to, load<Vector>(to) + total);
    }
}
