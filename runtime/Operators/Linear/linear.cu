// What surrounds the matrix products: biases and their gradients.

// y[row] += bias, element by element; y consists of activations or of logits.
template <int OfLogits>
__global__ void addBias(Either<OfLogits, Workspace, Activation>* y, const Parameter* bias, int rows, int width, int vector) {
    // A block has a run of columns, so that no thread divides.
    int column = 4 * (blockIdx.x * blockDim.x + threadIdx.x);
    if (column >= width) return;
    if (vector) {
        float4 added = load4(bias + column);
        for (int row = blockIdx.y; row < rows; row += gridDim.y) {
            auto* at = y + (long long)row * width + column;
            store(at, load4(at) + added);
        }
    } else {
        int last = min(column + 4, width);
        for (int row = blockIdx.y; row < rows; row += gridDim.y)
            for (int i = column; i < last; i++) store(y + (long long)row * width + i, toFloat(y[(long long)row * width + i]) + toFloat(bias[i]));
    }
}

// The sum of a part of the rows, for `WarpSize` x `Vector` columns a block: sums[part][column], or, with `Add`, added to what is there. A warp has every
// `Warps`th row; the warps' sums are added in their order. Rows lie `stride` apart; part p has the rows from p x partRows on.
template <int Vector, int Add, int Threads, class From, class To>
DEVICE void sumColumns(const From* values, To* sums, int rows, int width, int stride, int partRows) {
    const int Warps = Threads / WarpSize;
    __shared__ Pack<Vector> shared[Warps][WarpSize];
    int column = (blockIdx.x * WarpSize + laneIndex()) * Vector;
    int first = blockIdx.y * partRows, last = min(first + partRows, rows);
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
        To* to = sums + (long long)blockIdx.y * width + column;
        if constexpr (Add) total = total + load<Vector>(to);
        store(to, total);
    }
}

// The sums of parts of the rows of an activation or of logits, in f32.
template <int Vector, int Threads, int OfLogits>
__global__ void columnSums(const Either<OfLogits, Workspace, Activation>* values, float* sums, int rows, int width, int partRows) {
    sumColumns<Vector, 0, Threads>(values, sums, rows, width, width, partRows);
}

// The gradient of a vector from the sums of its parts, whose rows lie `stride` apart.
template <int Vector, int Add, int Threads>
__global__ void addParts(const float* parts, Gradient* gradient, int count, int width, int stride) {
    sumColumns<Vector, Add, Threads>(parts, gradient, count, width, stride, count);
}
