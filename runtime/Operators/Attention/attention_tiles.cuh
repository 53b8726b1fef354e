// What the attention kernels share: tiles of positions in shared memory, and products of them in registers. Comes after
// tensor_cores.cuh (asynchronous copies), random.cuh, quads.cuh and attention_view.cuh.
//
// A block has 8 x 16 threads. Of a matrix of scores (queries x keys), thread (row, column) holds a run of neighbouring queries and a run of
// neighbouring keys, so that a run's dropout words come from one Philox block or two. Tiles of keys therefore lie in shared memory in the order
// "first keys of all runs, second keys, ...": 16 threads then read 16 neighbouring rows, and as rows are an odd number of quads long, no two of the
// eight threads that read at once meet in a bank.
namespace attention {

constexpr int ThreadColumns = 16;
constexpr int ThreadRows = Threads / ThreadColumns;

// How a head of `Size` numbers lies in shared memory. The host knows the stride as well, for the bytes of a launch.
template <int Size>
struct Head {
    static constexpr int Quads = (Size + 3) / 4;
    static constexpr int Padded = 4 * Quads;
    static constexpr int Stride = 4 * (Quads | 1);
    static constexpr int Chunks = (Quads + ThreadColumns - 1) / ThreadColumns;  // quads of a row that a thread sums up
};

// Neighbours in shared memory; their place is a multiple of their count.
template <int Count>
DEVICE void storeRun(float* address, const float (&values)[Count]) {
    if constexpr (Count % 4 == 0) {
#pragma unroll
        for (int i = 0; i < Count; i += 4) store4(address + i, make_float4(values[i], values[i + 1], values[i + 2], values[i + 3]));
    } else if constexpr (Count == 2) {
        *reinterpret_cast<float2*>(address) = make_float2(values[0], values[1]);
    } else {
#pragma unroll
        for (int i = 0; i < Count; i++) address[i] = values[i];
    }
}

// Where a tile of `Keys` keys has one of them, and which one it has somewhere.
template <int Keys>
DEVICE int placeOfKey(int key) { return key % (Keys / ThreadColumns) * ThreadColumns + key / (Keys / ThreadColumns); }
template <int Keys>
DEVICE int keyAtPlace(int place) { return place % ThreadColumns * (Keys / ThreadColumns) + place / ThreadColumns; }

// Starts to load positions `first` and on of one head to where `place` says; those before 0 and from `end` on are zero, as is what pads a row to
// whole quads.
template <int Size, int Positions, class T, class Place>
DEVICE void loadRows(float* tile, const T* head, int rowStride, int first, int end, bool vector, Place place) {
    for (int item = (int)threadIdx.x; item < Positions * Head<Size>::Quads; item += Threads) {
        int position = item / Head<Size>::Quads, column = item % Head<Size>::Quads * 4;
        bool valid = (unsigned)(first + position) < (unsigned)end;
        const T* row = head + (long long)(valid ? first + position : 0) * rowStride;
        float* to = tile + place(position) * Head<Size>::Stride + column;
        if constexpr (sizeof(T) == sizeof(float)) {
            if (vector) {
                copyAsync16(to, row + column, valid);
                continue;
            }
        }
        store4(to, valid ? loadQuad(row, column, Size, vector) : make_float4(0.0f, 0.0f, 0.0f, 0.0f));
    }
}

template <int Size, int Positions, bool IsKeys, class T>
DEVICE void loadTile(float* tile, const T* head, int rowStride, int first, int end, bool vector) {
    loadRows<Size, Positions>(tile, head, rowStride, first, end, vector,
                              [](int position) { return IsKeys ? placeOfKey<Positions>(position) : position; });
}

// dots[i][j] = left row i . right row 16 j; `left` and `right` begin at the thread's first rows.
template <int Size, int Rows, int Run>
DEVICE void multiplyRows(float (&dots)[Rows][Run], const float* left, const float* right) {
#pragma unroll
    for (int i = 0; i < Rows; i++)
#pragma unroll
        for (int j = 0; j < Run; j++) dots[i][j] = 0.0f;
#pragma unroll 4
    for (int column = 0; column < Head<Size>::Padded; column += 4) {
        float4 b[Run];
#pragma unroll
        for (int j = 0; j < Run; j++) b[j] = load4(right + j * ThreadColumns * Head<Size>::Stride + column);
#pragma unroll
        for (int i = 0; i < Rows; i++) {
            float4 a = load4(left + i * Head<Size>::Stride + column);
#pragma unroll
            for (int j = 0; j < Run; j++) dots[i][j] = fmaf(a.w, b[j].w, fmaf(a.z, b[j].z, fmaf(a.y, b[j].y, fmaf(a.x, b[j].x, dots[i][j]))));
        }
    }
}

// The columns of a head that a thread sums up: quads 16 apart. Beyond the head's end a thread works on the last quad and keeps nothing.
template <int Size>
struct Columns {
    int start;

    __device__ __forceinline__ explicit Columns(int threadColumn) : start(4 * threadColumn) {}
    __device__ __forceinline__ int at(int chunk) const { return start + 4 * ThreadColumns * chunk; }
    __device__ __forceinline__ bool has(int chunk) const { return at(chunk) < Head<Size>::Padded; }
    __device__ __forceinline__ int safe(int chunk) const { return min(at(chunk), Head<Size>::Padded - 4); }
};

DEVICE float numberOf(float4 quad, int index) { return index == 0 ? quad.x : index == 1 ? quad.y : index == 2 ? quad.z : quad.w; }

// sums[i] += over p: weights[i][p] x row p of a tile of `Positions`; `weights` begins at the thread's first row.
template <int Size, int Rows, int Positions, bool IsKeys>
DEVICE void addWeightedRows(float4 (&sums)[Rows][Head<Size>::Chunks], const float* weights, const float* tile, Columns<Size> columns) {
    constexpr int WeightStride = Positions + 4;
#pragma unroll 2
    for (int position = 0; position < Positions; position += 4) {
        float4 weight[Rows];
#pragma unroll
        for (int i = 0; i < Rows; i++) weight[i] = load4(weights + i * WeightStride + position);
#pragma unroll
        for (int next = 0; next < 4; next++) {
            const float* row = tile + (IsKeys ? placeOfKey<Positions>(position + next) : position + next) * Head<Size>::Stride;
#pragma unroll
            for (int chunk = 0; chunk < Head<Size>::Chunks; chunk++) {
                float4 value = load4(row + columns.safe(chunk));
#pragma unroll
                for (int i = 0; i < Rows; i++) {
                    float w = numberOf(weight[i], next);
                    float4& sum = sums[i][chunk];
                    sum = make_float4(fmaf(w, value.x, sum.x), fmaf(w, value.y, sum.y), fmaf(w, value.z, sum.z), fmaf(w, value.w, sum.w));
                }
            }
        }
    }
}

template <int Rows, int Chunks>
DEVICE void clear(float4 (&sums)[Rows][Chunks]) {
#pragma unroll
    for (int i = 0; i < Rows; i++)
#pragma unroll
        for (int chunk = 0; chunk < Chunks; chunk++) sums[i][chunk] = make_float4(0.0f, 0.0f, 0.0f, 0.0f);
}

// A thread's sums for one position go to global memory, or zeros where the position lies beyond its sequence's end.
template <int Size, class T>
DEVICE void storeSums(T* row, const float4 (&sums)[Head<Size>::Chunks], float factor, bool valid, Columns<Size> columns, bool vector) {
#pragma unroll
    for (int chunk = 0; chunk < Head<Size>::Chunks; chunk++)
        if (columns.has(chunk))
            storeQuad(row, columns.at(chunk), Size, valid ? sums[chunk] * factor : make_float4(0.0f, 0.0f, 0.0f, 0.0f), vector);
}

// Drops or scales a run of elements that begins at `first`.
template <int Count>
DEVICE void dropRun(float (&values)[Count], const DropoutMask& mask, unsigned long long first) {
    static_assert(Count <= 4, "a run of more than two blocks");
    int offset = (int)(first % 4);
    uint4 block = words(mask, first / 4), next = block;
    if (offset + Count > 4) next = words(mask, first / 4 + 1);
#pragma unroll
    for (int i = 0; i < Count; i++) {
        int place = (offset + i) % 4;
        uint4 own = offset + i < 4 ? block : next;
        values[i] = keep(mask, place == 0 ? own.x : place == 1 ? own.y : place == 2 ? own.z : own.w, values[i]);
    }
}

}  // namespace attention
