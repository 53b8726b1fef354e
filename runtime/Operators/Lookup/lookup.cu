// y[r] (+)= scale x table[indices[r]], a warp a row; the table consists of parameters or of activations.
template <int Width, int Vector, int Add, int TableRole>
__global__ void lookup(const Token* indices, const ElementOf<TableRole>* table, Activation* y, int rows, float scale) {
    int row = blockIdx.x * (blockDim.x / WarpSize) + warpIndex();
    if (row >= rows) return;
    const auto* from = table + (long long)indices[row] * Width;
    Activation* to = y + (long long)row * Width;
    for (int column = laneIndex() * Vector; column < Width; column += WarpSize * Vector) {
        Pack<Vector> value = load<Vector>(from + column) * scale;
        if constexpr (Add) value = load<Vector>(to + column) + value;
        store(to + column, value);
    }
}
