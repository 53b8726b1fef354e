// What comes behind the product of a layer whose result is added to the residual stream.

// y = residual + dropout(y + bias), with the bits of a kernel for each sum; an element's index in the mask is its place.
template <int Drop>
__global__ void addBiasResidual(const Activation* residual, const Parameter* bias, Activation* y, int rows, int width, int vector,
                                DROPOUT_PARAMETERS) {
    // A block has a run of columns, so that no thread divides.
    int column = Wide * (blockIdx.x * blockDim.x + threadIdx.x);
    if (column >= width) return;
    DropoutMask mask = DROPOUT_MASK;
    if (vector) {
        Pack<Wide> added = load<Wide>(bias + column);
        for (int row = blockIdx.y; row < rows; row += gridDim.y) {
            long long at = (long long)row * width + column;
            Pack<Wide> branch = through<Activation>(load<Wide>(y + at) + added);
            if constexpr (Drop) branch = drop(mask, branch, at);
            store(y + at, load<Wide>(residual + at) + branch);
        }
    } else {
        int last = min(column + Wide, width);
        for (int row = blockIdx.y; row < rows; row += gridDim.y)
            for (int i = column; i < last; i++) {
                long long at = (long long)row * width + i;
                float branch = through<Activation>(toFloat(y[at]) + toFloat(bias[i]));
                if constexpr (Drop) branch = drop(mask, branch, at);
                store(y + at, toFloat(residual[at]) + branch);
            }
    }
}
