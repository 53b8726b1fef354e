// Attention's tiles on tensor cores: products of a warp's rows with a tile, in registers from one product to the next. Comes after
// tensor_cores.cuh, random.cuh and attention_view.cuh. Written once for elements of bf16 and of f32, which are rounded to TF32.
//
// A block has four warps, each with 16 x `Blocks` neighbouring rows of the tile that stays, while tiles of other positions pass. Of a product
// (rows x positions), lane 4 g + t of a warp holds, of each block of 16 rows and each 8 columns, [0] and [1]: row g, columns 2 t and 2 t + 1, and
// [2] and [3]: row g + 8, the same columns. These are at the same time what the lane needs of that matrix as a left operand: with bf16 in pairs, and
// with TF32 if column 2 t counts as t and 2 t + 1 as t + 4, which the rows of the right operand then do as well.
//
// In shared memory rows follow each other by their bytes and 16 more: for all head sizes here eight neighbouring rows, and rows 2 t with columns g,
// lie in different banks.
namespace attention {

[[maybe_unused]] constexpr int Warps = Threads / WarpSize;
constexpr float Log2OfE = 1.44269504088896341f;

// Elements from one row of a tile to the next, and the columns of a left operand.
template <int Size, class T>
struct TileRow {
    static constexpr int Chunk = 16 / (int)sizeof(T);
    static constexpr int Stride = Size + Chunk;
    static constexpr int Depth = 2 * Chunk;
    static_assert(Size % 16 == 0, "a head is a whole number of operands wide");
};

// The number of f32 that fits between a row of a tile and the next one.
template <int Size, class T>
DEVICE float* behindRow(T* tile, int row) { return reinterpret_cast<float*>(tile + row * TileRow<Size, T>::Stride + Size); }
template <int Size, class T>
DEVICE const float* behindRow(const T* tile, int row) { return reinterpret_cast<const float*>(tile + row * TileRow<Size, T>::Stride + Size); }

// To the nearest, as the unit itself drops the lowest 13 bits.
DEVICE unsigned roundToTf32(unsigned bits) { return bits + 0x1000u; }

template <class T>
DEVICE void roundOperand(unsigned (&operand)[4]) {
    if constexpr (sizeof(T) == sizeof(float)) {
#pragma unroll
        for (int i = 0; i < 4; i++) operand[i] = roundToTf32(operand[i]);
    }
}

// `b` has two right operands of 8 columns each.
template <class T>
DEVICE void multiplyPair(float (&left)[4], float (&right)[4], const unsigned (&a)[4], const unsigned (&b)[4]) {
    unsigned first[2] = {b[0], b[1]}, second[2] = {b[2], b[3]};
    if constexpr (sizeof(T) == sizeof(float)) {
        multiplyTf32(left, a, first);
        multiplyTf32(right, a, second);
    } else {
        multiplyBf16(left, a, first);
        multiplyBf16(right, a, second);
    }
}

// 16 rows and `Depth` columns of a tile as a left operand; `tile` points to the first of them.
template <int Size, class T>
DEVICE void loadLeft(unsigned (&a)[4], const T* tile) {
    int lane = laneIndex();
    loadMatrices(a, tile + lane % 16 * TileRow<Size, T>::Stride + lane / 16 * TileRow<Size, T>::Chunk);
    roundOperand<T>(a);
}

// 16 rows and `Depth` columns of a tile, its rows the columns of two right operands.
template <int Size, class T>
DEVICE void loadRight(unsigned (&b)[4], const T* tile) {
    int lane = laneIndex();
    loadMatrices(b, tile + (lane % 8 + lane / 16 * 8) * TileRow<Size, T>::Stride + lane / 8 % 2 * TileRow<Size, T>::Chunk);
    roundOperand<T>(b);
}

// `Depth` rows and 16 columns of a tile as two right operands.
template <int Size>
DEVICE void loadRightAcross(unsigned (&b)[4], const bf16* tile) {
    int lane = laneIndex();
    loadMatricesTransposed(b, tile + lane % 16 * TileRow<Size, bf16>::Stride + lane / 16 * 8);
}
template <int Size>
DEVICE void loadRightAcross(unsigned (&b)[4], const float* tile) {
    constexpr int Stride = TileRow<Size, float>::Stride;
    const float* own = tile + laneIndex() % 4 * 2 * Stride + laneIndex() / 4;
#pragma unroll
    for (int i = 0; i < 4; i++) b[i] = __float_as_uint(own[i % 2 * Stride + i / 2 * 8]);
    roundOperand<float>(b);
}

// Part `step` of a product's columns, `Depth` of them, as a left operand.
template <class T, int Count>
DEVICE void asLeft(unsigned (&a)[4], const float (&product)[Count][4], int step) {
    if constexpr (sizeof(T) == sizeof(float)) {
        const float(&own)[4] = product[step];
#pragma unroll
        for (int i = 0; i < 4; i++) a[i] = __float_as_uint(own[i % 2 * 2 + i / 2]);
        roundOperand<T>(a);
    } else {
#pragma unroll
        for (int i = 0; i < 4; i++) a[i] = packBf16(product[2 * step + i / 2][i % 2 * 2], product[2 * step + i / 2][i % 2 * 2 + 1]);
    }
}

template <int Blocks, int Count>
DEVICE void clear(float (&product)[Blocks][Count][4]) {
#pragma unroll
    for (int block = 0; block < Blocks; block++)
#pragma unroll
        for (int column = 0; column < Count; column++)
#pragma unroll
            for (int i = 0; i < 4; i++) product[block][column][i] = 0.0f;
}

// product = left rows . right rows; `left` points to the warp's first row, and the right tile has 8 x Count rows.
template <int Size, int Blocks, int Count, class T>
DEVICE void multiplyTiles(float (&product)[Blocks][Count][4], const T* left, const T* right) {
    constexpr int Stride = TileRow<Size, T>::Stride;
    clear(product);
#pragma unroll
    for (int column = 0; column < Size; column += TileRow<Size, T>::Depth) {
        unsigned a[Blocks][4];
#pragma unroll
        for (int block = 0; block < Blocks; block++) loadLeft<Size>(a[block], left + block * 16 * Stride + column);
#pragma unroll
        for (int pair = 0; pair < Count; pair += 2) {
            unsigned b[4];
            loadRight<Size>(b, right + pair * 8 * Stride + column);
#pragma unroll
            for (int block = 0; block < Blocks; block++) multiplyPair<T>(product[block][pair], product[block][pair + 1], a[block], b);
        }
    }
}

// sums += weights x tile: the tile has a row for each of the weights' 8 x Count columns.
template <int Size, int Blocks, int Count, class T>
DEVICE void addProduct(float (&sums)[Blocks][Size / 8][4], const float (&weights)[Blocks][Count][4], const T* tile) {
    constexpr int Depth = TileRow<Size, T>::Depth;
#pragma unroll
    for (int step = 0; step < 8 * Count / Depth; step++) {
        unsigned a[Blocks][4];
#pragma unroll
        for (int block = 0; block < Blocks; block++) asLeft<T>(a[block], weights[block], step);
#pragma unroll
        for (int pair = 0; pair < Size / 8; pair += 2) {
            unsigned b[4];
            loadRightAcross<Size>(b, tile + step * Depth * TileRow<Size, T>::Stride + pair * 8);
#pragma unroll
            for (int block = 0; block < Blocks; block++) multiplyPair<T>(sums[block][pair], sums[block][pair + 1], a[block], b);
        }
    }
}

// One step of the softmax over a row's tiles: scores become weights, and what was summed before is scaled to the new maximum. `factor` takes scores
// to exponents of two. Each lane sums its own columns; a row's four lanes join their totals in the end.
template <int Size, int Blocks, int Count>
DEVICE void stepSoftmax(float (&scores)[Blocks][Count][4], float (&sums)[Blocks][Size / 8][4], float (&largest)[Blocks][2], float (&total)[Blocks][2],
                        float factor) {
#pragma unroll
    for (int block = 0; block < Blocks; block++)
#pragma unroll
        for (int half = 0; half < 2; half++) {
            float most = largest[block][half], sum = 0.0f;
#pragma unroll
            for (int column = 0; column < Count; column++)
                most = fmaxf(most, fmaxf(scores[block][column][2 * half], scores[block][column][2 * half + 1]));
            most = warpMaximum<4>(most);
            // While a row has seen no key there is no maximum.
            float shift = most == -infinity() ? 0.0f : most * factor;
            float correction = power2(fmaf(largest[block][half], factor, -shift));
            largest[block][half] = most;
#pragma unroll
            for (int column = 0; column < Count; column++)
#pragma unroll
                for (int i = 2 * half; i < 2 * half + 2; i++) {
                    scores[block][column][i] = power2(fmaf(scores[block][column][i], factor, -shift));
                    sum += scores[block][column][i];
                }
            total[block][half] = fmaf(total[block][half], correction, sum);
#pragma unroll
            for (int column = 0; column < Size / 8; column++) {
                sums[block][column][2 * half] *= correction;
                sums[block][column][2 * half + 1] *= correction;
            }
        }
}

// Starts to copy positions `first` and on of one head to a tile; those from `end` on are zero. Rows begin at multiples of 16 bytes.
template <int Size, int Positions, class T>
DEVICE void copyTile(T* tile, const T* head, int rowStride, int first, int end) {
    constexpr int Chunk = TileRow<Size, T>::Chunk, Chunks = Size / Chunk;
#pragma unroll
    for (int begin = 0; begin < Positions * Chunks; begin += Threads) {
        int item = begin + (int)threadIdx.x;
        if (Positions * Chunks % Threads != 0 && item >= Positions * Chunks) break;
        int position = item / Chunks, column = item % Chunks * Chunk;
        bool valid = first + position < end;
        const T* row = head + (long long)(valid ? first + position : 0) * rowStride;
        copyAsync16(tile + position * TileRow<Size, T>::Stride + column, row + column, valid);
    }
}

// The row of a product that an element of the lane's lies in, counted from the warp's first, and its column.
DEVICE int rowOfElement(int block, int i) { return block * 16 + laneIndex() / 4 + i / 2 * 8; }
DEVICE int columnOfElement(int column, int i) { return column * 8 + laneIndex() % 4 * 2 + i % 2; }

// The lane's sums go to a row of global memory, or zeros where its position lies beyond its sequence's end. `half`: 0 for row g, 2 for row g + 8.
template <int Size, class T>
DEVICE void storeRow(T* row, const float (&sums)[Size / 8][4], int half, float factor, bool valid) {
#pragma unroll
    for (int column = 0; column < Size / 8; column++) {
        float first = valid ? sums[column][half] * factor : 0.0f, second = valid ? sums[column][half + 1] * factor : 0.0f;
        T* to = row + columnOfElement(column, 0);
        if constexpr (sizeof(T) == sizeof(float))
            *reinterpret_cast<float2*>(to) = make_float2(first, second);
        else
            *reinterpret_cast<unsigned*>(to) = packBf16(first, second);
    }
}

// The random words of the lane's four elements of a product of queries (16 rows from `firstQuery` on) and keys (8 columns from `firstKey` on, a
// multiple of 8). Where a query's elements begin with a Philox block, lanes t and t + 1, whose columns share one, draw a block for one row each and
// trade.
DEVICE uint4 drawElements(const DropoutMask& mask, int item, int firstQuery, int firstKey, int queryLength, int keyLength) {
    int lane = laneIndex(), query = firstQuery + lane / 4, key = firstKey + lane % 4 * 2;
    if (keyLength % 4 == 0) {
        bool odd = lane % 2;
        uint4 drawn = words(mask, elementOf(item, odd ? query + 8 : query, key, queryLength, keyLength) / 4);
        unsigned first = __shfl_xor_sync(WholeWarp, odd ? drawn.x : drawn.z, 1), second = __shfl_xor_sync(WholeWarp, odd ? drawn.y : drawn.w, 1);
        return odd ? make_uint4(first, second, drawn.z, drawn.w) : make_uint4(drawn.x, drawn.y, first, second);
    }
    unsigned long long upper = elementOf(item, query, key, queryLength, keyLength), lower = elementOf(item, query + 8, key, queryLength, keyLength);
    return make_uint4(wordOf(mask, upper), wordOf(mask, upper + 1), wordOf(mask, lower), wordOf(mask, lower + 1));
}

// Half of a transposition among four lanes: numbers a of the lanes whose bit `distance` is set, and b of the others, change places.
DEVICE void trade(unsigned& a, unsigned& b, int distance) {
    bool set = laneIndex() & distance;
    unsigned other = __shfl_xor_sync(WholeWarp, set ? a : b, distance);
    if (set)
        a = other;
    else
        b = other;
}

// The same for a product of keys (16 rows) and queries (8 columns). A Philox block lies in four lanes of neighbouring rows, which draw one each of
// the four that they need and trade.
DEVICE uint4 drawTransposed(const DropoutMask& mask, int item, int firstKey, int firstQuery, int queryLength, int keyLength) {
    int lane = laneIndex(), query = firstQuery + lane % 4 * 2, key = firstKey + lane / 4;
    if (keyLength % 4 == 0) {
        int turn = lane / 4 % 4;
        uint4 drawn = words(mask, elementOf(item, query + turn % 2, key - turn + turn / 2 * 8, queryLength, keyLength) / 4);
        trade(drawn.x, drawn.y, 4);
        trade(drawn.z, drawn.w, 4);
        trade(drawn.x, drawn.z, 8);
        trade(drawn.y, drawn.w, 8);
        return drawn;
    }
    unsigned long long left = elementOf(item, query, key, queryLength, keyLength), right = left + (unsigned)keyLength;
    return make_uint4(wordOf(mask, left), wordOf(mask, right), wordOf(mask, left + 8), wordOf(mask, right + 8));
}

DEVICE void keepElements(float (&values)[4], const DropoutMask& mask, uint4 drawn) {
    values[0] = keep(mask, drawn.x, values[0]);
    values[1] = keep(mask, drawn.y, values[1]);
    values[2] = keep(mask, drawn.z, values[2]);
    values[3] = keep(mask, drawn.w, values[3]);
}

// Dropout over a product of queries and keys.
template <int Blocks, int Count>
DEVICE void dropTile(float (&values)[Blocks][Count][4], const DropoutMask& mask, int item, int firstQuery, int firstKey, int queryLength,
                     int keyLength) {
#pragma unroll
    for (int block = 0; block < Blocks; block++)
#pragma unroll
        for (int column = 0; column < Count; column++)
            keepElements(values[block][column], mask,
                         drawElements(mask, item, firstQuery + block * 16, firstKey + column * 8, queryLength, keyLength));
}

}  // namespace attention
