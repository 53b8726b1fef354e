// What the kernels of relative attention share: which keys a query sees, and products along the diagonals of a tile. Comes after attention_tiles.cuh.
//
// A tile of queries meets a tile of keys at 2 x tile - 1 distances, one for each diagonal. Those lie in shared memory as a tile of their own, and a
// thread takes for each of its queries and keys the row of their diagonal: nothing is computed that does not count, and nothing is shifted. The tile
// has the diagonal of query i and key j at row i - j + tile - 1. In the same way a tile of queries and one of distances meet at diagonals of keys.
namespace attention {

struct Relative {
    int queryLength, keyLength, heads, window;
    float scale;

    __device__ __forceinline__ int memory() const { return keyLength - queryLength; }
    __device__ __forceinline__ int width(int size) const { return heads * size; }
    __device__ __forceinline__ bool sees(int query, int key) const {
        int last = memory() + query;
        return query < queryLength && key >= 0 && key <= last && key > last - window;
    }
    // The first key that a query or a later one sees, and the one after the last that any before `lastQuery` sees.
    __device__ __forceinline__ int firstKey(int query) const { return max(memory() + query + 1 - window, 0); }
    __device__ __forceinline__ int endOfKeys(int lastQuery) const { return min(memory() + lastQuery, keyLength); }
};

#define RELATIVE_PARAMETERS int queryLength, int keyLength, int heads, int window, float scale
#define RELATIVE (Relative{queryLength, keyLength, heads, window, scale})

// Where the tile of diagonals has one of them: those that the 16 threads of a row take at once are neighbours.
template <int Tile>
DEVICE int placeOfDiagonal(int diagonal) {
    constexpr int Run = Tile / ThreadColumns;
    return diagonal % Run * (2 * Tile / Run) + diagonal / Run;
}

template <int Size, int Tile, class T>
DEVICE void loadDiagonals(float* tile, const T* head, int rowStride, int first, int end, bool vector) {
    loadRows<Size, 2 * Tile>(tile, head, rowStride, first, end, vector, [](int diagonal) { return placeOfDiagonal<Tile>(diagonal); });
}

// The queries of a tile twice, with what is added where they meet keys, and where they meet distances.
template <int Size, int Tile>
DEVICE void loadQueries(float* contents, float* positions, const Activation* qkv, const Parameter* contentBias, const Parameter* positionBias,
                        int sequence, int head, int first, Relative view) {
    int width = view.width(Size);
    bool vector = isVector(qkv, Size), vectorContent = isVector(contentBias, Size), vectorPosition = isVector(positionBias, Size);
    const Activation* rows = qkv + ((long long)sequence * view.keyLength + view.memory() + first) * 3 * width + head * Size;
    for (int item = (int)threadIdx.x; item < Tile * Head<Size>::Quads; item += Threads) {
        int row = item / Head<Size>::Quads, column = item % Head<Size>::Quads * 4, to = row * Head<Size>::Stride + column;
        float4 zero = make_float4(0.0f, 0.0f, 0.0f, 0.0f);
        bool valid = first + row < view.queryLength;
        float4 query = valid ? loadQuad(rows + (long long)row * 3 * width, column, Size, vector) : zero;
        store4(contents + to, valid ? query + loadQuad(contentBias + head * Size, column, Size, vectorContent) : zero);
        store4(positions + to, valid ? query + loadQuad(positionBias + head * Size, column, Size, vectorPosition) : zero);
    }
}

// dots[i][j] += left row i . the row of the diagonal of i and j; `left` begins at the thread's first row, `firstRow`.
template <int Size, int Tile, int Rows, int Run>
DEVICE void multiplyDiagonals(float (&dots)[Rows][Run], const float* left, const float* diagonals, int firstRow, int column) {
    int places[Rows + Run - 1];
#pragma unroll
    for (int k = 0; k < Rows + Run - 1; k++)
        places[k] = placeOfDiagonal<Tile>(firstRow - column * Run + k + Tile - Run) * Head<Size>::Stride;
#pragma unroll 4
    for (int at = 0; at < Head<Size>::Padded; at += 4) {
        float4 b[Rows + Run - 1];
#pragma unroll
        for (int k = 0; k < Rows + Run - 1; k++) b[k] = load4(diagonals + places[k] + at);
#pragma unroll
        for (int i = 0; i < Rows; i++) {
            float4 a = load4(left + i * Head<Size>::Stride + at);
#pragma unroll
            for (int j = 0; j < Run; j++) {
                float4 c = b[i - j + Run - 1];
                dots[i][j] = fmaf(a.w, c.w, fmaf(a.z, c.z, fmaf(a.y, c.y, fmaf(a.x, c.x, dots[i][j]))));
            }
        }
    }
}

// sums[i] += over the keys p of a tile: weights[i][p] x the row of the diagonal of i and p; `weights` begins at the thread's first row.
template <int Size, int Tile, int Rows>
DEVICE void addWeightedDiagonals(float4 (&sums)[Rows][Head<Size>::Chunks], const float* weights, const float* diagonals, int firstRow,
                                 Columns<Size> columns) {
    constexpr int WeightStride = Tile + 4;
    for (int k = 0; k < Tile + Rows - 1; k++) {
        const float* row = diagonals + placeOfDiagonal<Tile>(firstRow + k) * Head<Size>::Stride;
        float weight[Rows];
#pragma unroll
        for (int i = 0; i < Rows; i++) {
            int key = i + Tile - 1 - k;
            weight[i] = (unsigned)key < (unsigned)Tile ? weights[i * WeightStride + key] : 0.0f;
        }
#pragma unroll
        for (int chunk = 0; chunk < Head<Size>::Chunks; chunk++) {
            float4 value = load4(row + columns.safe(chunk));
#pragma unroll
            for (int i = 0; i < Rows; i++) sums[i][chunk] = sums[i][chunk] + value * weight[i];
        }
    }
}

// From scores and dy . v to the scores' gradients in `gradients`; in `scores` stay the probabilities, after dropout. `keyOf` says which key has a
// place in the run.
template <int Drop, int Run, class KeyOf>
DEVICE void differentiateRelative(float (&scores)[Run], float (&gradients)[Run], int item, int query, float logSumExp, float delta,
                                  const DropoutMask& mask, Relative view, KeyOf keyOf) {
#pragma unroll
    for (int j = 0; j < Run; j++) {
        int key = keyOf(j);
        bool seen = view.sees(query, key);
        long long element = seen ? (long long)elementOf(item, query, key, view.queryLength, view.keyLength) : 0;
        float gradient = gradients[j];
        if (Drop && seen) gradient = drop(mask, gradient, element);
        float probability = seen ? quickExponential(fmaf(scores[j], view.scale, -logSumExp)) : 0.0f;
        gradients[j] = probability * ((gradient - delta) * view.scale);
        scores[j] = Drop && seen ? drop(mask, probability, element) : probability;
    }
}

}  // namespace attention
