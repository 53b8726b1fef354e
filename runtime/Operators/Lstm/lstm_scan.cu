// All steps of an LSTM in one launch: sequences need nothing of each other, so each block takes some through all of their steps. What is carried
// lies in shared memory; the weights, too many for it, are read once a step from the second-level cache, which all blocks share. For matrices so
// small that this takes less than the launches of a step.
namespace lstm {

// Products of a matrix's rows with `Rows` vectors in shared memory, one behind the other; `use(r, row, product)` takes each from one thread. Eight
// lanes share a row. Where not `active`, nothing is read and all are zero.
template <int Vector, int Rows, class Use>
DEVICE void rowProducts(bool active, const Parameter* matrix, int rows, int columns, const float* x, Use use) {
    constexpr int Lanes = 8;
    int lane = (int)threadIdx.x % Lanes, group = (int)threadIdx.x / Lanes, groups = (int)blockDim.x / Lanes;
    for (int first = 0; first < rows; first += groups) {
        int row = first + group;
        float sums[Rows] = {};
        if (active && row < rows)
#pragma unroll 4
            for (int column = lane * Vector; column < columns; column += Lanes * Vector) {
                Pack<Vector> weights = load<Vector>(matrix + (long long)row * columns + column);
#pragma unroll
                for (int r = 0; r < Rows; r++) sums[r] += dot(weights, load<Vector>(x + r * columns + column));
            }
#pragma unroll
        for (int r = 0; r < Rows; r++) {
            float product = warpSum<Lanes>(sums[r]);
            if (lane == 0 && row < rows) use(r, row, product);
        }
    }
}

// The same with the matrix's columns: teams of threads add up some of its rows each, and then the teams' sums are added in their order. `parts` is
// shared memory for Rows x teams x columns, free again after the next barrier.
template <int Vector, int Rows, class Use>
DEVICE void columnProducts(bool active, const Parameter* matrix, int rows, int columns, const float* x, float* parts, Use use) {
    int packs = columns / Vector, teams = packs < (int)blockDim.x ? (int)blockDim.x / packs : 1;
    if (active) {
        for (int place = (int)threadIdx.x; place < teams * packs; place += (int)blockDim.x) {
            int team = place / packs, column = place % packs * Vector;
            Pack<Vector> sums[Rows];
#pragma unroll
            for (int r = 0; r < Rows; r++) sums[r] = all<Vector>(0.0f);
#pragma unroll 4
            for (int row = team; row < rows; row += teams) {
                Pack<Vector> weights = load<Vector>(matrix + (long long)row * columns + column);
#pragma unroll
                for (int r = 0; r < Rows; r++) sums[r] = sums[r] + weights * x[r * rows + row];
            }
#pragma unroll
            for (int r = 0; r < Rows; r++) store(parts + (r * teams + team) * columns + column, sums[r]);
        }
        __syncthreads();
    }
    for (int place = (int)threadIdx.x; place < Rows * columns; place += (int)blockDim.x) {
        int r = place / columns, column = place % columns;
        float product = 0.0f;
        if (active)
            for (int team = 0; team < teams; team++) product += parts[(r * teams + team) * columns + column];
        use(r, column, product);
    }
}

// The number of steps that some of a block's sequences have.
template <int Rows>
DEVICE int longest(const Token* lengths, int first, int sequences) {
    int most = 0;
    for (int sequence = first; sequence < min(first + Rows, sequences); sequence++) most = max(most, lengths[sequence]);
    return most;
}

#define LSTM_SCAN_PLACE(r) steps, first + (r), step

template <int Vector, int Rows>
__global__ void __launch_bounds__(512)
    scan(const Activation* gates, const Parameter* recurrent, const Parameter* projection, const Activation* initialCells,
         const Activation* initialProjected, Activation* activated, Activation* cells, Activation* y, LSTM_STEPS, int sequences, int count,
         int width, float cellLimit, float projectionLimit) {
    extern __shared__ __align__(16) float lstmMemory[];
    float *projected = lstmMemory, *hidden = projected + Rows * width, *products = hidden + Rows * count;
    Steps steps{lengths, length, backward};
    int first = (int)blockIdx.x * Rows, last = longest<Rows>(lengths, first, sequences);
    for (int place = (int)threadIdx.x; place < Rows * width; place += (int)blockDim.x) {
        int sequence = first + place / width;
        projected[place] = sequence < sequences && initialProjected != nullptr
            ? toFloat(initialProjected[(long long)sequence * width + place % width])
            : 0.0f;
    }
    __syncthreads();
    for (int step = 0; step < length; step++) {
        rowProducts<Vector, Rows>(
            step < last && (step > 0 || initialProjected != nullptr), recurrent, 4 * count, width, projected,
            [&](int r, int row, float product) { products[r * 4 * count + row] = product; });
        __syncthreads();
        for (int place = (int)threadIdx.x; place < Rows * count; place += (int)blockDim.x) {
            int r = place / count, i = place % count;
            hidden[place] = first + r < sequences
                ? cellStep(LSTM_SCAN_PLACE(r), count, i, gates, products + r * 4 * count + i, initialCells, activated, cells, cellLimit)
                : 0.0f;
        }
        __syncthreads();
        rowProducts<Vector, Rows>(step < last, projection, width, count, hidden, [&](int r, int i, float product) {
            if (first + r < sequences) projected[r * width + i] = outputStep(LSTM_SCAN_PLACE(r), width, i, product, y, projectionLimit);
        });
        __syncthreads();
    }
}

template <int Vector, int Rows>
__global__ void __launch_bounds__(512)
    scanBackward(const Activation* dy, const Activation* activated, const Activation* cells, const Activation* y, const Parameter* recurrent,
                 const Parameter* projection, const Activation* initialCells, const Activation* initialProjected, Activation* dGates,
                 Activation* hiddenRows, Activation* dProjectedRows, Activation* beforeRows, LSTM_STEPS, int sequences, int count, int width,
                 float cellLimit, float projectionLimit) {
    extern __shared__ __align__(16) float lstmMemory[];
    float *dProjected = lstmMemory, *dCells = dProjected + Rows * width, *dSums = dCells + Rows * count, *parts = dSums + Rows * 4 * count;
    Steps steps{lengths, length, backward};
    int first = (int)blockIdx.x * Rows, last = longest<Rows>(lengths, first, sequences);
    for (int place = (int)threadIdx.x; place < Rows * (width + count); place += (int)blockDim.x) lstmMemory[place] = 0.0f;
    for (int step = length - 1; step >= 0; step--) {
        __syncthreads();
        columnProducts<Vector, Rows>(step + 1 < last, recurrent, 4 * count, width, dSums, parts, [&](int r, int i, float product) {
            if (first + r < sequences) {
                dProjected[r * width + i] = outputStepBackward(
                    LSTM_SCAN_PLACE(r), width, i, dy, y, initialProjected, product, dProjectedRows, beforeRows, projectionLimit);
            }
        });
        __syncthreads();
        columnProducts<Vector, Rows>(step < last, projection, width, count, dProjected, parts, [&](int r, int i, float product) {
            float* sums = dSums + r * 4 * count + i;
            if (first + r < sequences) {
                cellStepBackward(
                    LSTM_SCAN_PLACE(r), count, i, activated, cells, initialCells, product, dCells + r * count + i, sums, dGates, hiddenRows,
                    cellLimit);
            } else {
                for (int gate = 0; gate < 4; gate++) sums[gate * count] = 0.0f;
            }
        });
    }
}

}  // namespace lstm
