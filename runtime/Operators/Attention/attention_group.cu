// Attention forward for heads of 64 bf16 on Hopper's warpgroups: the loop of attention_tensor.cu with 64 queries a warpgroup, `Groups` of them a
// block. What is computed between products is hidden by the multiprocessor's other warpgroups.
namespace attention {

template <int Groups, int Keys, int Causal, int Drop, int Resident>
__global__ void __launch_bounds__(Groups* WarpgroupSize, Resident)
groupForward(const bf16* allQueries, const bf16* allKeys, const bf16* allValues, const Token* queryLengths,
             const Token* keyLengths, bf16* y, Statistic* logSumExp, ATTENTION_PARAMETERS, DROPOUT_PARAMETERS) {
    constexpr int Size = TileColumns, Rows = 64, Queries = Groups * Rows, BlockThreads = Groups * WarpgroupSize, Count = Keys / 8;
    extern __shared__ __align__(1024) unsigned char groupTiles[];
    bf16* queries = reinterpret_cast<bf16*>(groupTiles);
    bf16* stages = queries + Queries * Size;

    int tiles = (queryLength + Queries - 1) / Queries, item = (int)blockIdx.x / tiles, sequence = item / heads, head = item % heads;
    int firstQuery = (tiles - 1 - (int)blockIdx.x % tiles) * Queries;
    int count = queryLengths[sequence], keyCount = keyLengths[sequence], shift = keyCount - count;
    long long queryStart = (long long)sequence * queryLength, keyStart = (long long)sequence * keyLength;
    const bf16* keyRows = allKeys + keyStart * keyStride + head / group * Size;
    const bf16* valueRows = allValues + keyStart * valueStride + head / group * Size;
    int groupRow = warpIndex() / 4 * Rows, groupQuery = firstQuery + groupRow, ownQuery = firstQuery + warpIndex() * 16;
    DropoutMask mask = DROPOUT_MASK;
    float factor = scale * Log2OfE;

    float sums[1][Size / 8][4], largest[1][2] = {{-infinity(), -infinity()}}, total[1][2] = {{0.0f, 0.0f}};
    clear(sums);

    int end = firstQuery >= count ? 0 : endOfKeys<Causal>(firstQuery + Queries, keyCount, shift);
    auto load = [&](int firstKey, int stage) {
        bf16* to = stages + stage * 2 * Keys * Size;
        copyToTile<Keys, BlockThreads>(to, keyRows, keyStride, firstKey, end);
        copyToTile<Keys, BlockThreads>(to + Keys * Size, valueRows, valueStride, firstKey, end);
        commitCopies();
    };
    if (end > 0) {
        copyToTile<Queries, BlockThreads>(queries, allQueries + queryStart * queryStride + head * Size, queryStride, firstQuery, count);
        load(0, 0);
    }

    unsigned long long ownQueries = describeTile(queries) + groupRow * RowOfTile, firstStage = describeTile(stages);
    int ownEnd = endOfKeys<Causal>(groupQuery + Rows, keyCount, shift), wholeEnd = endOfKeys<Causal>(groupQuery + 1, keyCount, shift);
    for (int firstKey = 0, stage = 0; firstKey < end; firstKey += Keys, stage ^= 1) {
        waitForTiles();
        if (firstKey + Keys < end) load(firstKey + Keys, stage ^ 1);
        // The warpgroup's queries may be before this tile although those of another one are not.
        if (firstKey >= ownEnd) continue;
        unsigned long long keys = firstStage + stage * 2 * Keys * RowOfTile, values = keys + Keys * RowOfTile;
        float scores[1][Count][4];
        beginProducts();
        startRows(scores, ownQueries, keys);
        commitProducts();
        waitForSums<0>(scores);
        if (firstKey + Keys > wholeEnd) {
#pragma unroll
            for (int i = 0; i < 4; i++) {
                int visible = visibleKeys<Causal>(ownQuery + rowOfElement(0, i), keyCount, shift, firstKey);
#pragma unroll
                for (int column = 0; column < Count; column++)
                    if (columnOfElement(column, i) >= visible) scores[0][column][i] = -infinity();
            }
        }
        stepSoftmax<Size>(scores, sums, largest, total, factor);
        if (Drop) dropTile(scores, mask, item, ownQuery, firstKey, queryLength, keyLength);
        unsigned weights[Count / 2][4];
        packWeights(weights, scores);
        beginProducts();
        startAcross(sums, weights, values);
        commitProducts();
        waitForSums<0>(sums);
    }

#pragma unroll
    for (int half = 0; half < 2; half++) {
        int query = ownQuery + rowOfElement(0, 2 * half);
        float all = warpSum<4>(total[0][half]);
        if (query >= queryLength) continue;
        bool valid = query < count && visibleKeys<Causal>(query, keyCount, shift, 0) > 0;
        storeRow<Size>(y + ((queryStart + query) * heads + head) * Size, sums[0], 2 * half, 1.0f / all, valid);
        if (logSumExp && laneIndex() % 4 == 0)
            logSumExp[(long long)item * queryLength + query] = valid ? fmaf(largest[0][half], scale, logarithm(all)) : 0.0f;
    }
}

}  // namespace attention
