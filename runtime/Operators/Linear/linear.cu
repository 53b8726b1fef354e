// What surrounds the matrix products: biases and their gradients. Comes after column_sums.cuh.

// y[row] += bias, element by element; y consists of activations or of logits.
template <int Role>
__global__ void addBias(ElementOf<Role>* y, const Parameter* bias, int rows, int width, int vector) {
    // A block has a run of columns, so that no thread divides.
    int column = Wide * (blockIdx.x * blockDim.x + threadIdx.x);
    if (column >= width) return;
    if (vector) {
        Pack<Wide> added = load<Wide>(bias + column);
        for (int row = blockIdx.y; row < rows; row += gridDim.y) {
            auto* at = y + (long long)row * width + column;
            store(at, load<Wide>(at) + added);
        }
    } else {
        int last = min(column + Wide, width);
        for (int row = blockIdx.y; row < rows; row += gridDim.y)
            for (int i = column; i < last; i++) store(y + (long long)row * width + i, toFloat(y[(long long)row * width + i]) + toFloat(bias[i]));
    }
}

// The sums of parts of the rows of an activation or of logits, in f32.
template <int Vector, int Threads, int Role>
__global__ void columnSums(const ElementOf<Role>* values, float* sums, int rows, int width, int partRows) {
    int first = blockIdx.y * partRows;
    sumColumns<Vector, 0, Threads>(values, sums + (long long)blockIdx.y * width, blockIdx.x, first, min(first + partRows, rows), width, width);
}

// The gradient of a vector from the sums of its parts, whose rows lie `stride` apart.
template <int Vector, int Add, int Threads>
__global__ void addParts(const float* parts, Gradient* gradient, int count, int width, int stride) {
    sumColumns<Vector, Add, Threads>(parts, gradient, blockIdx.x, 0, count, width, stride);
}
