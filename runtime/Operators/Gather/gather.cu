// y[i] = x[indices[i]], a warp a row.
template <int Width, int Vector>
__global__ void gather(const Activation* x, const Token* indices, Activation* y, int count) {
    int row = blockIdx.x * (blockDim.x / WarpSize) + warpIndex();
    if (row >= count) return;
    const Activation* from = x + (long long)indices[row] * Width;
    Activation* to = y + (long long)row * Width;
    for (int column = laneIndex() * Vector; column < Width; column += WarpSize * Vector) store(to + column, load<Vector>(from + column));
}
