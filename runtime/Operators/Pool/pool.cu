// Sums of picked rows and their gradient, a warp a sum. A row is picked at most once, so no two warps meet in one.

// y[i] = dropout(the sum over m of x[rows[i x members + m]]).
template <int Width, int Vector, int Drop>
__global__ void pool(const Activation* x, const Token* rows, Activation* y, int members, int count, DROPOUT_PARAMETERS) {
    int sum = blockIdx.x * (blockDim.x / WarpSize) + warpIndex();
    if (sum >= count) return;
    const Token* picked = rows + (long long)sum * members;
    long long start = (long long)sum * Width;
    for (int column = laneIndex() * Vector; column < Width; column += WarpSize * Vector) {
        Pack<Vector> total = load<Vector>(x + (long long)picked[0] * Width + column);
        for (int member = 1; member < members; member++) total = total + load<Vector>(x + (long long)picked[member] * Width + column);
        if constexpr (Drop) total = drop(DROPOUT_MASK, total, start + column);
        store(y + start + column, total);
    }
}

// dx[rows[i x members + m]] += dropout(dy[i]), with the mask of the forward pass.
template <int Width, int Vector, int Drop>
__global__ void poolBackward(const Activation* dy, const Token* rows, Activation* dx, int members, int count, DROPOUT_PARAMETERS) {
    int sum = blockIdx.x * (blockDim.x / WarpSize) + warpIndex();
    if (sum >= count) return;
    const Token* picked = rows + (long long)sum * members;
    long long start = (long long)sum * Width;
    for (int column = laneIndex() * Vector; column < Width; column += WarpSize * Vector) {
        Pack<Vector> gradient = load<Vector>(dy + start + column);
        if constexpr (Drop) gradient = drop(DROPOUT_MASK, gradient, start + column);
        for (int member = 0; member < members; member++) {
            Activation* to = dx + (long long)picked[member] * Width + column;
            store(to, load<Vector>(to) + gradient);
        }
    }
}
