// Attention forward on tensor cores: FlashAttention (Dao et al. 2022) in the loop order of FlashAttention-2 (Dao 2023), as attention.cu, with keys
// and values in two stages: the next tile's are on their way while one is worked on.
namespace attention {

template <int Size, int Queries, int Keys, int Causal, int Drop>
__global__ void __launch_bounds__(Threads, 2)
tensorForward(const Activation* allQueries, const Activation* allKeys, const Activation* allValues, const Token* queryLengths,
              const Token* keyLengths, Activation* y, Statistic* logSumExp, ATTENTION_PARAMETERS, DROPOUT_PARAMETERS) {
    constexpr int Stride = TileRow<Size, Activation>::Stride, Blocks = Queries / (16 * Warps), Count = Keys / 8;
    extern __shared__ __align__(16) float attentionTiles[];
    Activation* queries = reinterpret_cast<Activation*>(attentionTiles);
    Activation* stages = queries + Queries * Stride;

    // The tiles of a head follow one another, so that they find its keys in the cache; the longest rows of a causal mask begin first.
    int tiles = (queryLength + Queries - 1) / Queries, item = (int)blockIdx.x / tiles, sequence = item / heads, head = item % heads;
    int firstQuery = (tiles - 1 - (int)blockIdx.x % tiles) * Queries;
    int count = queryLengths[sequence], keyCount = keyLengths[sequence], shift = keyCount - count;
    long long queryStart = (long long)sequence * queryLength, keyStart = (long long)sequence * keyLength;
    const Activation* keyRows = allKeys + keyStart * keyStride + head / group * Size;
    const Activation* valueRows = allValues + keyStart * valueStride + head / group * Size;
    int ownRow = warpIndex() * 16 * Blocks, ownQuery = firstQuery + ownRow;
    DropoutMask mask = DROPOUT_MASK;
    float factor = scale * Log2OfE;

    float sums[Blocks][Size / 8][4], largest[Blocks][2], total[Blocks][2];
    clear(sums);
#pragma unroll
    for (int block = 0; block < Blocks; block++)
#pragma unroll
        for (int half = 0; half < 2; half++) {
            largest[block][half] = -infinity();
            total[block][half] = 0.0f;
        }

    int end = firstQuery >= count ? 0 : endOfKeys<Causal>(firstQuery + Queries, keyCount, shift);
    if (end > 0) {
        copyTile<Size, Queries>(queries, allQueries + queryStart * queryStride + head * Size, queryStride, firstQuery, count);
        copyTile<Size, Keys>(stages, keyRows, keyStride, 0, end);
        copyTile<Size, Keys>(stages + Keys * Stride, valueRows, valueStride, 0, end);
        commitCopies();
    }

    int ownEnd = endOfKeys<Causal>(ownQuery + 16 * Blocks, keyCount, shift), wholeEnd = endOfKeys<Causal>(ownQuery + 1, keyCount, shift);
    for (int firstKey = 0, stage = 0; firstKey < end; firstKey += Keys, stage ^= 1) {
        waitForCopies<0>();
        __syncthreads();
        if (firstKey + Keys < end) {
            Activation* next = stages + (stage ^ 1) * 2 * Keys * Stride;
            copyTile<Size, Keys>(next, keyRows, keyStride, firstKey + Keys, end);
            copyTile<Size, Keys>(next + Keys * Stride, valueRows, valueStride, firstKey + Keys, end);
            commitCopies();
        }
        // The warp's queries may be before this tile although those of another one are not.
        if (firstKey >= ownEnd) continue;
        const Activation* keys = stages + stage * 2 * Keys * Stride;
        float scores[Blocks][Count][4];
        multiplyTiles<Size>(scores, queries + ownRow * Stride, keys);
        if (firstKey + Keys > wholeEnd) {
#pragma unroll
            for (int block = 0; block < Blocks; block++)
#pragma unroll
                for (int i = 0; i < 4; i++) {
                    int visible = visibleKeys<Causal>(ownQuery + rowOfElement(block, i), keyCount, shift, firstKey);
#pragma unroll
                    for (int column = 0; column < Count; column++)
                        if (columnOfElement(column, i) >= visible) scores[block][column][i] = -infinity();
                }
        }
        stepSoftmax<Size>(scores, sums, largest, total, factor);
        if (Drop) dropTile(scores, mask, item, ownQuery, firstKey, queryLength, keyLength);
        addProduct<Size>(sums, scores, keys + Keys * Stride);
    }

#pragma unroll
    for (int block = 0; block < Blocks; block++)
#pragma unroll
        for (int half = 0; half < 2; half++) {
            int query = ownQuery + rowOfElement(block, 2 * half);
            float all = warpSum<4>(total[block][half]);
            if (query >= queryLength) continue;
            bool valid = query < count && visibleKeys<Causal>(query, keyCount, shift, 0) > 0;
            storeRow<Size>(y + ((queryStart + query) * heads + head) * Size, sums[block], 2 * half, 1.0f / all, valid);
            if (logSumExp && laneIndex() % 4 == 0)
                logSumExp[(long long)item * queryLength + query] = valid ? fmaf(largest[block][half], scale, logarithm(all)) : 0.0f;
        }
}

}  // namespace attention
