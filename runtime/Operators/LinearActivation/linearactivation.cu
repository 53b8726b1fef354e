// What comes behind the product of a layer with an activation function. Comes after activation.cuh.

// y = f(product + bias). The product lies where the sum is kept, in `before`, or, if it is not `Kept`, in y.
template <int Function, int Kept>
__global__ void addBiasActivate(Activation* before, const Parameter* bias, Activation* y, int rows, int width, int vector) {
    // A block has a run of columns, so that no thread divides.
    int column = Wide * (blockIdx.x * blockDim.x + threadIdx.x);
    if (column >= width) return;
    Activation* product = Kept ? before : y;
    // Of what is kept, of which the gradient will be.
    auto function = [](float sum) { return value<Function>(through<Activation>(sum)); };
    if (vector) {
        Pack<Wide> added = load<Wide>(bias + column);
        for (int row = blockIdx.y; row < rows; row += gridDim.y) {
            long long at = (long long)row * width + column;
            Pack<Wide> sum = load<Wide>(product + at) + added;
            if constexpr (Kept) store(before + at, sum);
            store(y + at, map(sum, function));
        }
    } else {
        int last = min(column + Wide, width);
        for (int row = blockIdx.y; row < rows; row += gridDim.y)
            for (int i = column; i < last; i++) {
                long long at = (long long)row * width + i;
                float sum = toFloat(product[at]) + toFloat(bias[i]);
                if constexpr (Kept) store(before + at, sum);
                store(y + at, function(sum));
            }
    }
}
