// Keys and values in the cache, and attention of one new query a sequence against them. Cached rows lie as [slot, head, position, head size].
namespace attention {

// A block reads this many positions of one head when it decodes: enough blocks for a whole GPU also where there are few sequences.
constexpr int DecodeKeys = Threads;

DEVICE long long cachedRow(int slot, int heads, int head, int capacity, int position, int size) {
    return (((long long)slot * heads + head) * capacity + position) * size;
}

// The last place in use of a sequence whose newest token stands at `position`; a ring that has gone round is in use as a whole.
DEVICE int lastPlace(int position, int capacity) { return min(position, capacity - 1); }

// Copies the keys and values of prompts into the cache. A block has one row.
template <int Size>
__global__ void __launch_bounds__(Threads)
storeKeysAndValues(const Activation* allKeys, const Activation* allValues, int keyStride, int valueStride, const Token* lengths, const Token* slots,
                   Cache* keys, Cache* values, int capacity, int length, int heads) {
    int position = (int)blockIdx.x, sequence = (int)blockIdx.y;
    if (position >= lengths[sequence]) return;
    int slot = slots[sequence];
    long long row = (long long)sequence * length + position;
    bool vectorKey = isVector(allKeys, Size, keyStride), vectorValue = isVector(allValues, Size, valueStride);
    bool vectorKeys = isVector(keys, Size), vectorValues = isVector(values, Size);
    for (int item = (int)threadIdx.x; item < heads * Head<Size>::Quads; item += Threads) {
        int head = item / Head<Size>::Quads, column = item % Head<Size>::Quads * 4;
        long long to = cachedRow(slot, heads, head, capacity, position, Size);
        storeQuad(keys + to, column, Size, loadQuad(allKeys + row * keyStride + head * Size, column, Size, vectorKey), vectorKeys);
        storeQuad(values + to, column, Size, loadQuad(allValues + row * valueStride + head * Size, column, Size, vectorValue), vectorValues);
    }
}

// How a warp's lanes share a cached row.
template <int Size>
struct Lanes {
    static constexpr int Quads = Head<Size>::Quads;
    static constexpr int Count = Quads <= 1 ? 1 : Quads <= 2 ? 2 : Quads <= 4 ? 4 : Quads <= 8 ? 8 : Quads <= 16 ? 16 : 32;
    static constexpr int Each = (Quads + Count - 1) / Count;  // quads of a lane
    static constexpr int Groups = Threads / Count;            // rows that a block reads at once
};

// A block has one part of the keys of one head of one sequence. The part with the new position takes key and value from the token's own row and
// stores them, so that no block reads what another one writes; without new keys and values all is read from the cache. With one part the result is
// final; else sums, maximum and total go to `partials`, which combine() joins.
// With `Relative` the cache is a ring, which positions go round and round, and scores are those of relative attention (Device.RelativeAttention):
// a bias is added to the query that meets keys, and another to the one that meets the row of their distance.
template <int Size, int Relative>
__global__ void __launch_bounds__(Threads)
decode(const Activation* allQueries, const Activation* allKeys, const Activation* allValues, int queryStride, int keyStride, int valueStride,
       const Activation* distances, const Parameter* contentBias, const Parameter* positionBias, const Token* positions, const Token* slots,
       Cache* keys, Cache* values, int capacity, Activation* y, Statistic* partials, int heads, float scale) {
    using L = Lanes<Size>;
    __shared__ float weights[DecodeKeys];
    __shared__ __align__(16) float groupSums[L::Groups][4 * L::Quads];
    __shared__ float maxima[Threads / WarpSize], totals[Threads / WarpSize];

    int head = (int)blockIdx.x, sequence = (int)blockIdx.y, part = (int)blockIdx.z, first = part * DecodeKeys;
    int last = lastPlace(positions[sequence], capacity), newest = Relative ? positions[sequence] % capacity : last;
    if (first > last) return;
    int count = min(last + 1 - first, DecodeKeys), width = heads * Size;
    int lane = (int)threadIdx.x % L::Count, group = (int)threadIdx.x / L::Count;
    int stored = allKeys != nullptr ? newest : -1;
    const Activation* query = allQueries + (long long)sequence * queryStride + head * Size;
    const Activation* newKey = allKeys + (long long)sequence * keyStride + head * Size;
    const Activation* newValue = allValues + (long long)sequence * valueStride + head * Size;
    long long cached = cachedRow(slots[sequence], heads, head, capacity, first, Size);
    bool vectorQuery = isVector(allQueries, Size, queryStride), vectorKey = isVector(allKeys, Size, keyStride);
    bool vectorValue = isVector(allValues, Size, valueStride), vectorKeys = isVector(keys, Size), vectorValues = isVector(values, Size);

    bool vectorDistances = Relative && isVector(distances, Size), vectorContent = Relative && isVector(contentBias, Size);
    bool vectorPosition = Relative && isVector(positionBias, Size);

    float4 own[L::Each], byDistance[L::Each];
#pragma unroll
    for (int i = 0; i < L::Each; i++) {
        int column = 4 * (lane + i * L::Count);
        own[i] = column < Size ? loadQuad(query, column, Size, vectorQuery) : make_float4(0.0f, 0.0f, 0.0f, 0.0f);
        if constexpr (Relative) {
            if (column >= Size) continue;
            byDistance[i] = own[i] + loadQuad(positionBias + head * Size, column, Size, vectorPosition);
            own[i] = own[i] + loadQuad(contentBias + head * Size, column, Size, vectorContent);
        }
    }

#pragma unroll 4
    for (int begin = 0; begin < DecodeKeys; begin += L::Groups) {
        int key = begin + group;
        float score = 0.0f;
#pragma unroll
        for (int i = 0; i < L::Each; i++) {
            int column = 4 * (lane + i * L::Count);
            if (column >= Size || key >= count) continue;
            bool isNew = first + key == stored;
            float4 quad = isNew ? loadQuad(newKey, column, Size, vectorKey)
                                : loadQuad(keys + cached + (long long)key * Size, column, Size, vectorKeys);
            if (isNew) storeQuad(keys + cached + (long long)key * Size, column, Size, quad, vectorKeys);
            score += dot(own[i], quad);
            if constexpr (Relative) {
                int place = first + key, distance = place <= newest ? newest - place : newest - place + capacity;
                score += dot(byDistance[i], loadQuad(distances + (long long)distance * width + head * Size, column, Size, vectorDistances));
            }
        }
        score = warpSum<L::Count>(score);
        if (lane == 0) weights[key] = key < count ? score * scale : -infinity();
    }
    __syncthreads();

    float mine = weights[threadIdx.x];
    float largest = blockMaximum<Threads>(mine, maxima);
    mine = quickExponential(mine - largest);
    weights[threadIdx.x] = mine;
    float total = blockSum<Threads>(mine, totals);

    float4 sums[L::Each];
#pragma unroll
    for (int i = 0; i < L::Each; i++) sums[i] = make_float4(0.0f, 0.0f, 0.0f, 0.0f);
#pragma unroll 4
    for (int key = group; key < count; key += L::Groups)
#pragma unroll
        for (int i = 0; i < L::Each; i++) {
            int column = 4 * (lane + i * L::Count);
            if (column >= Size) continue;
            bool isNew = first + key == stored;
            float4 quad = isNew ? loadQuad(newValue, column, Size, vectorValue)
                                : loadQuad(values + cached + (long long)key * Size, column, Size, vectorValues);
            if (isNew) storeQuad(values + cached + (long long)key * Size, column, Size, quad, vectorValues);
            sums[i] = sums[i] + quad * weights[key];
        }
#pragma unroll
    for (int i = 0; i < L::Each; i++) {
        int quad = lane + i * L::Count;
        if (quad < L::Quads) store4(&groupSums[group][4 * quad], sums[i]);
    }
    __syncthreads();

    int quad = (int)threadIdx.x;
    if (quad >= L::Quads) return;
    float4 sum = load4(&groupSums[0][4 * quad]);
    for (int other = 1; other < L::Groups; other++) sum = sum + load4(&groupSums[other][4 * quad]);
    if (gridDim.z == 1) {
        storeQuad(y + (long long)sequence * width + head * Size, 4 * quad, Size, sum * (1.0f / total), isVector(y, Size));
        return;
    }
    Statistic* partial = partials + (((long long)sequence * heads + head) * gridDim.z + part) * (Head<Size>::Padded + 4);
    store4(partial + 4 + 4 * quad, sum);
    if (quad == 0) {
        partial[0] = largest;
        partial[1] = total;
    }
}

// Joins the parts of one head of one sequence, in their order.
template <int Size>
__global__ void __launch_bounds__(2 * WarpSize)
combine(const Token* positions, int capacity, const Statistic* partials, Activation* y, int heads, int parts) {
    int head = (int)blockIdx.x, sequence = (int)blockIdx.y, quad = (int)threadIdx.x;
    int used = lastPlace(positions[sequence], capacity) / DecodeKeys + 1;
    if (quad >= Head<Size>::Quads) return;
    const Statistic* first = partials + ((long long)sequence * heads + head) * parts * (Head<Size>::Padded + 4);
    float largest = -infinity(), total = 0.0f;
    for (int part = 0; part < used; part++) largest = fmaxf(largest, first[part * (Head<Size>::Padded + 4)]);
    float4 sum = make_float4(0.0f, 0.0f, 0.0f, 0.0f);
    for (int part = 0; part < used; part++) {
        const Statistic* partial = first + part * (Head<Size>::Padded + 4);
        float factor = quickExponential(partial[0] - largest);
        total = fmaf(partial[1], factor, total);
        sum = sum + load4(partial + 4 + 4 * quad) * factor;
    }
    storeQuad(y + (long long)sequence * heads * Size + head * Size, 4 * quad, Size, sum * (1.0f / total), isVector(y, Size));
}

}  // namespace attention
