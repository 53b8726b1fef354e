// LayerNorm and its gradients, a warp a row, the row in registers between the passes.

// Packs of a row that each lane holds; a lane's last may lie beyond the row's end.
template <int Width, int Vector>
constexpr int PacksOfLane = (Width + WarpSize * Vector - 1) / (WarpSize * Vector);

template <int Vector>
DEVICE int columnOfPack(int pack) { return (pack * WarpSize + laneIndex()) * Vector; }

// y = (x - mean) / deviation * gain + bias.
template <int Width, int Vector>
__global__ void layerNorm(const Activation* input, const Parameter* gain, const Parameter* bias, float epsilon, Activation* y, Statistic* mean,
                          Statistic* reciprocalDeviation, int rows) {
    int row = blockIdx.x * (blockDim.x / WarpSize) + warpIndex();
    if (row >= rows) return;
    const int Packs = PacksOfLane<Width, Vector>;
    long long start = (long long)row * Width;
    Pack<Vector> x[Packs], total = all<Vector>(0.0f);
#pragma unroll
    for (int pack = 0; pack < Packs; pack++) {
        int column = columnOfPack<Vector>(pack);
        x[pack] = column < Width ? load<Vector>(input + start + column) : all<Vector>(0.0f);
        total = total + x[pack];
    }
    float average = warpSum(::sum(total)) * (1.0f / Width);
    float squares = 0.0f;
#pragma unroll
    for (int pack = 0; pack < Packs; pack++) {
        if (columnOfPack<Vector>(pack) >= Width) continue;
        x[pack] = x[pack] - all<Vector>(average);
        squares += dot(x[pack], x[pack]);
    }
    float reciprocal = 1.0f / sqrtf(warpSum(squares) * (1.0f / Width) + epsilon);
#pragma unroll
    for (int pack = 0; pack < Packs; pack++) {
        int column = columnOfPack<Vector>(pack);
        if (column >= Width) continue;
        Pack<Vector> value = x[pack] * reciprocal * load<Vector>(gain + column);
        if (bias) value = value + load<Vector>(bias + column);
        store(y + start + column, value);
    }
    if (laneIndex() == 0) {
        if (mean) mean[row] = average;
        if (reciprocalDeviation) reciprocalDeviation[row] = reciprocal;
    }
}

// dx of the rows, and each block's sums for gain and bias, sums[block][2][Width]. A block has a part of the rows that depends on their number alone.
// dx may be dy. `Threads` is the block's size.
template <int Width, int Vector, int Add, int Threads>
__global__ void __launch_bounds__(Threads) layerNormBackward(const Activation* dy, const Activation* x, const Parameter* gain, const Statistic* mean,
                                                             const Statistic* reciprocalDeviation, Activation* dx, float* sums, int rows) {
    const int Packs = PacksOfLane<Width, Vector>, Warps = Threads / WarpSize;
    Pack<Vector> dGain[Packs], dBias[Packs];
#pragma unroll
    for (int pack = 0; pack < Packs; pack++) dGain[pack] = dBias[pack] = all<Vector>(0.0f);
    for (int row = blockIdx.x * Warps + warpIndex(); row < rows; row += gridDim.x * Warps) {
        long long start = (long long)row * Width;
        float average = mean[row], reciprocal = reciprocalDeviation[row];
        Pack<Vector> normal[Packs], g[Packs];
        float total = 0.0f, product = 0.0f;
#pragma unroll
        for (int pack = 0; pack < Packs; pack++) {
            int column = columnOfPack<Vector>(pack);
            if (column >= Width) continue;
            Pack<Vector> d = load<Vector>(dy + start + column);
            normal[pack] = (load<Vector>(x + start + column) - all<Vector>(average)) * reciprocal;
            g[pack] = d * load<Vector>(gain + column);
            dGain[pack] = dGain[pack] + d * normal[pack];
            dBias[pack] = dBias[pack] + d;
            total += sum(g[pack]);
            product += dot(g[pack], normal[pack]);
        }
        total = warpSum(total) * (1.0f / Width);
        product = warpSum(product) * (1.0f / Width);
#pragma unroll
        for (int pack = 0; pack < Packs; pack++) {
            int column = columnOfPack<Vector>(pack);
            if (column >= Width) continue;
            Pack<Vector> value = (g[pack] - all<Vector>(total) - normal[pack] * product) * reciprocal;
            if constexpr (Add) value = value + load<Vector>(dx + start + column);
            store(dx + start + column, value);
        }
    }

    // The warps' sums are added in their order, one pack of every lane after the other.
    __shared__ Pack<Vector> shared[2][Warps][WarpSize];
    for (int pack = 0; pack < Packs; pack++) {
        if (pack > 0) __syncthreads();
        shared[0][warpIndex()][laneIndex()] = dGain[pack];
        shared[1][warpIndex()][laneIndex()] = dBias[pack];
        __syncthreads();
        int column = columnOfPack<Vector>(pack), half = warpIndex();
        if (half < 2 && column < Width) {
            Pack<Vector> value = shared[half][0][laneIndex()];
#pragma unroll
            for (int warp = 1; warp < Warps; warp++) value = value + shared[half][warp][laneIndex()];
            store(sums + ((long long)blockIdx.x * 2 + half) * Width + column, value);
        }
    }
}
