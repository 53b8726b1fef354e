// Products of few rows with a weight, as decoding has them: their time is that of reading the weight, each number of which is read once. Comes after
// tensor_cores.cuh and activation.cuh.
//
// A warp has a tile of neighbouring columns of y, rows of the weight: lane / 4 says which, and in each step its four lanes read 16 neighbouring bytes
// each. `Split` warps share a tile, each with a run of the depth; their sums are added in their order. What a row's sums are does not depend on the
// other rows, nor on how many there are.
namespace fewrows {

constexpr int Threads = 256, Warps = Threads / WarpSize;
constexpr int MostRows = 8;
constexpr int TileColumns = 8;
constexpr int LanePack = 16 / (int)sizeof(Parameter);  // numbers of a weight that a lane reads at once
constexpr int StepDepth = 4 * LanePack;

template <class T>
DEVICE uint4 load16(const T* address) { return *reinterpret_cast<const uint4*>(address); }
DEVICE float4 floats(uint4 bits) {
    return make_float4(__uint_as_float(bits.x), __uint_as_float(bits.y), __uint_as_float(bits.z), __uint_as_float(bits.w));
}

// The sums of a lane's column, by the bytes of a number.
template <int Bytes>
struct Sums;

// In f32 each lane sums up its part of the depth, for every row.
template <>
struct Sums<4> {
    float ofRow[MostRows];

    // Adds the products of `Steps` packs of the weight with those of x, which begin at `x`, `depth` from row to row; those from `left` steps on are
    // beyond the end.
    template <int Steps>
    __device__ __forceinline__ void add(const uint4 (&weight)[Steps], const Activation* x, int rows, int depth, int left) {
#pragma unroll
        for (int row = 0; row < MostRows; row++) {
            if (row >= rows) break;
#pragma unroll
            for (int step = 0; step < Steps; step++) {
                if (step >= left) continue;
                float4 a = floats(load16(x + (long long)row * depth + step * StepDepth)), b = floats(weight[step]);
                ofRow[row] = fmaf(a.x, b.x, fmaf(a.y, b.y, fmaf(a.z, b.z, fmaf(a.w, b.w, ofRow[row]))));
            }
        }
    }

    __device__ __forceinline__ void store(float (&tile)[MostRows][TileColumns], int rows) const {
#pragma unroll
        for (int row = 0; row < MostRows; row++) {
            float sum = warpSum<4>(ofRow[row]);
            if (row < rows && laneIndex() % 4 == 0) tile[row][laneIndex() / 4] = sum;
        }
    }
};

// In bf16 tensor cores sum up: x is the upper half of the left factor, the weight's tile the right one. The depths of a lane's two quads are given to
// both factors as if they were those of its places in the fragments, so that none is rearranged.
template <>
struct Sums<2> {
    float fragment[4];

    template <int Steps>
    __device__ __forceinline__ void add(const uint4 (&weight)[Steps], const Activation* x, int rows, int depth, int left) {
        int row = laneIndex() / 4;
        uint4 own[Steps];
#pragma unroll
        for (int step = 0; step < Steps; step++)
            own[step] = row < rows && step < left ? load16(x + (long long)row * depth + step * StepDepth) : make_uint4(0, 0, 0, 0);
#pragma unroll
        for (int step = 0; step < Steps; step++) {
            multiplyBf16(fragment, {own[step].x, 0, own[step].y, 0}, {weight[step].x, weight[step].y});
            multiplyBf16(fragment, {own[step].z, 0, own[step].w, 0}, {weight[step].z, weight[step].w});
        }
    }

    __device__ __forceinline__ void store(float (&tile)[MostRows][TileColumns], int rows) const {
        int row = laneIndex() / 4, column = laneIndex() % 4 * 2;
        if (row >= rows) return;
        tile[row][column] = fragment[0];
        tile[row][column + 1] = fragment[1];
    }
};

// y = residual + f(x W^T + bias), of up to eight rows; bias and residual may be absent, and f is none where `Function` is negative. The depth is a
// multiple of 16 bytes, where x and W begin as well. `Ahead` steps of the weight are under way at once.
template <int Split, int Ahead, int Function, int Role>
__global__ void __launch_bounds__(Threads)
multiply(const Activation* x, const Parameter* weight, const Parameter* bias, const Activation* residual, ElementOf<Role>* y, int rows, int depth,
         int width) {
    constexpr int Tiles = Warps / Split;
    __shared__ float tiles[Warps][MostRows][TileColumns];
    int tile = warpIndex() / Split, part = warpIndex() % Split, firstColumn = (blockIdx.x * Tiles + tile) * TileColumns;
    int column = min(firstColumn + laneIndex() / 4, width - 1), inner = laneIndex() % 4 * LanePack;

    int steps = (depth + StepDepth - 1) / StepDepth, each = (steps + Split - 1) / Split, first = part * each;
    // The steps of this warp in which this lane's numbers are not beyond the end.
    int count = min(each, (depth - inner + StepDepth - 1) / StepDepth - first);
    const Parameter* own = weight + (long long)column * depth + first * StepDepth + inner;
    const Activation* other = x + first * StepDepth + inner;

    Sums<(int)sizeof(Parameter)> sums = {};
    for (int step = 0; step < each; step += Ahead) {
        uint4 packs[Ahead];
#pragma unroll
        for (int i = 0; i < Ahead; i++) packs[i] = step + i < count ? load16(own + (step + i) * StepDepth) : make_uint4(0, 0, 0, 0);
        sums.add(packs, other + step * StepDepth, rows, depth, count - step);
    }
    sums.store(tiles[warpIndex()], rows);
    __syncthreads();

    for (int i = part * WarpSize + laneIndex(); i < rows * TileColumns; i += Split * WarpSize) {
        int row = i / TileColumns, at = i % TileColumns;
        if (firstColumn + at >= width) continue;
        float sum = tiles[tile * Split][row][at];
#pragma unroll
        for (int next = 1; next < Split; next++) sum += tiles[tile * Split + next][row][at];
        if (bias) sum += toFloat(bias[firstColumn + at]);
        if constexpr (Function >= 0) sum = value<Function>(sum);
        long long place = (long long)row * width + firstColumn + at;
        if (residual) sum += toFloat(residual[place]);
        assign(y[place], sum);
    }
}

}  // namespace fewrows
