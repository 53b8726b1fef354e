// Attention backward for heads of 64 bf16 on Hopper's warpgroups: the loops of attention_tensor_backward.cu with 64 rows a warpgroup. Exponentials
// are computed while the product of dy and the values is under way, and the scores' gradients while that for the values' gradients is.
namespace attention {

template <int Groups, int Keys, int Causal, int Drop, int Resident>
__global__ void __launch_bounds__(Groups* WarpgroupSize, Resident)
groupQueries(const bf16* allQueries, const bf16* allKeys, const bf16* allValues, const Token* queryLengths,
             const Token* keyLengths, const bf16* dy, const bf16* y, const Statistic* logSumExp, Statistic* deltas,
             bf16* dQuery, ATTENTION_PARAMETERS, int dQueryStride, DROPOUT_PARAMETERS) {
    constexpr int Size = TileColumns, Rows = 64, Queries = Groups * Rows, BlockThreads = Groups * WarpgroupSize, Count = Keys / 8;
    extern __shared__ __align__(1024) unsigned char groupTiles[];
    bf16* queries = reinterpret_cast<bf16*>(groupTiles);
    bf16* outputs = queries + Queries * Size;
    bf16* stages = outputs + Queries * Size;

    int tiles = (queryLength + Queries - 1) / Queries, item = (int)blockIdx.x / tiles, sequence = item / heads, head = item % heads;
    int firstQuery = (tiles - 1 - (int)blockIdx.x % tiles) * Queries, width = heads * Size;
    int count = queryLengths[sequence], keyCount = keyLengths[sequence], shift = keyCount - count;
    long long start = (long long)sequence * queryLength, keyStart = (long long)sequence * keyLength;
    const bf16* keyRows = allKeys + keyStart * keyStride + head / group * Size;
    const bf16* valueRows = allValues + keyStart * valueStride + head / group * Size;
    int groupRow = warpIndex() / 4 * Rows, groupQuery = firstQuery + groupRow, ownRow = warpIndex() * 16, ownQuery = firstQuery + ownRow;
    DropoutMask mask = DROPOUT_MASK;
    float factor = scale * Log2OfE;

    float sums[1][Size / 8][4], exponents[2], delta[2];
    clear(sums);

    int end = firstQuery >= count ? 0 : endOfKeys<Causal>(firstQuery + Queries, keyCount, shift);
    auto load = [&](int firstKey, int stage) {
        bf16* to = stages + stage * 2 * Keys * Size;
        copyToTile<Keys, BlockThreads>(to, keyRows, keyStride, firstKey, end);
        copyToTile<Keys, BlockThreads>(to + Keys * Size, valueRows, valueStride, firstKey, end);
        commitCopies();
    };
    if (end > 0) {
        copyToTile<Queries, BlockThreads>(queries, allQueries + start * queryStride + head * Size, queryStride, firstQuery, count);
        copyToTile<Queries, BlockThreads>(outputs, dy + start * width + head * Size, width, firstQuery, count);
        load(0, 0);
        waitForTiles();
#pragma unroll
        for (int half = 0; half < 2; half++) {
            int row = rowOfElement(0, 2 * half), query = ownQuery + row;
            long long place = (long long)item * queryLength + query;
            float part = 0.0f;
            if (query < count)
#pragma unroll
                for (int column = 0; column < Size; column += 16) {
                    int own = column + laneIndex() % 4 * 4;
                    part += dot(load4(outputs + placeInTile(ownRow + row, own)), load4(y + (start + query) * width + head * Size + own));
                }
            delta[half] = warpSum<4>(part);
            exponents[half] = query < count ? logSumExp[place] * Log2OfE : 0.0f;
            if (query < count && laneIndex() % 4 == 0) deltas[place] = delta[half];
        }
    }

    unsigned long long ownQueries = describeTile(queries) + groupRow * RowOfTile, ownOutputs = ownQueries + Queries * RowOfTile;
    unsigned long long firstStage = describeTile(stages);
    int ownEnd = endOfKeys<Causal>(groupQuery + Rows, keyCount, shift), wholeEnd = endOfKeys<Causal>(groupQuery + 1, keyCount, shift);
    for (int firstKey = 0, stage = 0; firstKey < end; firstKey += Keys, stage ^= 1) {
        waitForTiles();
        if (firstKey + Keys < end) load(firstKey + Keys, stage ^ 1);
        if (firstKey >= ownEnd) continue;
        unsigned long long keys = firstStage + stage * 2 * Keys * RowOfTile, values = keys + Keys * RowOfTile;
        float scores[1][Count][4], gradients[1][Count][4];
        beginProducts();
        startRows(scores, ownQueries, keys);
        commitProducts();
        startRows(gradients, ownOutputs, values);
        commitProducts();
        waitForSums<1>(scores);
#pragma unroll
        for (int column = 0; column < Count; column++)
#pragma unroll
            for (int i = 0; i < 4; i++) scores[0][column][i] = power2(fmaf(scores[0][column][i], factor, -exponents[i / 2]));
        if (firstKey + Keys > wholeEnd) {
#pragma unroll
            for (int i = 0; i < 4; i++) {
                int visible = visibleKeys<Causal>(ownQuery + rowOfElement(0, i), keyCount, shift, firstKey);
#pragma unroll
                for (int column = 0; column < Count; column++)
                    if (columnOfElement(column, i) >= visible) scores[0][column][i] = 0.0f;
            }
        }
        waitForSums<0>(gradients);
        if (Drop) dropTile(gradients, mask, item, ownQuery, firstKey, queryLength, keyLength);
#pragma unroll
        for (int column = 0; column < Count; column++)
#pragma unroll
            for (int i = 0; i < 4; i++) gradients[0][column][i] = scores[0][column][i] * (gradients[0][column][i] - delta[i / 2]);
        unsigned weights[Count / 2][4];
        packWeights(weights, gradients);
        beginProducts();
        startAcross(sums, weights, keys);
        commitProducts();
        waitForSums<0>(sums);
    }

#pragma unroll
    for (int half = 0; half < 2; half++) {
        int query = ownQuery + rowOfElement(0, 2 * half);
        if (query < queryLength)
            storeRow<Size>(dQuery + (start + query) * dQueryStride + head * Size, sums[0], 2 * half, scale, query < count);
    }
}

template <int Groups, int Queries, int Causal, int Drop, int Resident>
__global__ void __launch_bounds__(Groups* WarpgroupSize, Resident)
groupKeysAndValues(const bf16* allQueries, const bf16* allKeys, const bf16* allValues, const Token* queryLengths,
                   const Token* keyLengths, const bf16* dy, const Statistic* logSumExp, const Statistic* deltas, bf16* dKey,
                   bf16* dValue, ATTENTION_PARAMETERS, int dKeyStride, int dValueStride, DROPOUT_PARAMETERS) {
    constexpr int Size = TileColumns, Rows = 64, Keys = Groups * Rows, BlockThreads = Groups * WarpgroupSize, Count = Queries / 8;
    extern __shared__ __align__(1024) unsigned char groupTiles[];
    bf16* keys = reinterpret_cast<bf16*>(groupTiles);
    bf16* values = keys + Keys * Size;
    bf16* stages = values + Keys * Size;
    // Of each stage's queries the logarithms of sums, then the deltas.
    float* statistics = reinterpret_cast<float*>(stages + 2 * 2 * Queries * Size);

    int keyHeads = heads / group, tiles = (keyLength + Keys - 1) / Keys, keyItem = (int)blockIdx.x / tiles;
    int sequence = keyItem / keyHeads, keyHead = keyItem % keyHeads, firstKey = (int)blockIdx.x % tiles * Keys, width = heads * Size;
    int count = queryLengths[sequence], keyCount = keyLengths[sequence], shift = keyCount - count;
    long long start = (long long)sequence * queryLength, keyStart = (long long)sequence * keyLength;
    int groupRow = warpIndex() / 4 * Rows, groupKey = firstKey + groupRow, ownKey = firstKey + warpIndex() * 16;
    DropoutMask mask = DROPOUT_MASK;
    float factor = scale * Log2OfE;

    float keySums[1][Size / 8][4], valueSums[1][Size / 8][4];
    clear(keySums);
    clear(valueSums);

    auto load = [&](int head, int firstQuery, int stage) {
        bf16* to = stages + stage * 2 * Queries * Size;
        copyToTile<Queries, BlockThreads>(to, allQueries + start * queryStride + head * Size, queryStride, firstQuery, count);
        copyToTile<Queries, BlockThreads>(to + Queries * Size, dy + start * width + head * Size, width, firstQuery, count);
#pragma unroll
        for (int first = 0; first < 2 * Queries; first += BlockThreads) {
            int place = first + (int)threadIdx.x, query = firstQuery + place % Queries;
            if (place >= 2 * Queries) break;
            bool valid = query < count;
            copyAsync4(statistics + stage * 2 * Queries + place,
                       (place < Queries ? logSumExp : deltas) + ((long long)sequence * heads + head) * queryLength + (valid ? query : 0), valid);
        }
        commitCopies();
    };

    // With a causal mask every query from the first one on sees this tile's first key. The query heads that share it follow one another.
    int begin = Causal ? max(firstKey - shift, 0) : 0, head = keyHead * group;
    int endOfHeads = firstKey < keyCount && begin < count ? head + group : head;
    if (head < endOfHeads) {
        copyToTile<Keys, BlockThreads>(keys, allKeys + keyStart * keyStride + keyHead * Size, keyStride, firstKey, keyCount);
        copyToTile<Keys, BlockThreads>(values, allValues + keyStart * valueStride + keyHead * Size, valueStride, firstKey, keyCount);
        load(head, begin, 0);
    }

    unsigned long long ownKeys = describeTile(keys) + groupRow * RowOfTile, ownValues = ownKeys + Keys * RowOfTile;
    unsigned long long firstStage = describeTile(stages);
    for (int firstQuery = begin, stage = 0; head < endOfHeads; stage ^= 1) {
        int nextQuery = firstQuery + Queries, nextHead = head;
        if (nextQuery >= count) {
            nextQuery = begin;
            nextHead++;
        }
        waitForTiles();
        if (nextHead < endOfHeads) load(nextHead, nextQuery, stage ^ 1);
        // The warpgroup's keys may be after all these queries although those of another one are not.
        if (!Causal || groupKey < firstQuery + Queries + shift) {
            unsigned long long queries = firstStage + stage * 2 * Queries * RowOfTile, outputs = queries + Queries * RowOfTile;
            const float* exponents = statistics + stage * 2 * Queries;
            float scores[1][Count][4], gradients[1][Count][4];
            unsigned weights[Count / 2][4], slopes[Count / 2][4];
            beginProducts();
            startRows(scores, ownKeys, queries);
            commitProducts();
            startRows(gradients, ownValues, outputs);
            commitProducts();
            waitForSums<1>(scores);
#pragma unroll
            for (int column = 0; column < Count; column++)
#pragma unroll
                for (int i = 0; i < 2; i++) {
                    // A query beyond the end is zero, and so are its outputs' gradients: it adds nothing.
                    float exponent = exponents[columnOfElement(column, i)] * Log2OfE;
                    scores[0][column][i] = power2(fmaf(scores[0][column][i], factor, -exponent));
                    scores[0][column][i + 2] = power2(fmaf(scores[0][column][i + 2], factor, -exponent));
                }
            if (Causal && groupKey + Rows > firstQuery + shift + 1) {
#pragma unroll
                for (int column = 0; column < Count; column++)
#pragma unroll
                    for (int i = 0; i < 4; i++)
                        if (ownKey + rowOfElement(0, i) > firstQuery + columnOfElement(column, i) + shift) scores[0][column][i] = 0.0f;
            }
            // The dropped weights take the place of those that the slopes need, so with dropout both products wait for the slopes.
            if (!Drop) {
                packWeights(weights, scores);
                beginProducts();
                startAcross(valueSums, weights, outputs);
                commitProducts();
                waitForSums<1>(gradients);
            } else {
                waitForSums<0>(gradients);
            }
#pragma unroll
            for (int column = 0; column < Count; column++) {
                uint4 drawn = make_uint4(0, 0, 0, 0);
                if (Drop) {
                    drawn = drawTransposed(mask, sequence * heads + head, ownKey, firstQuery + column * 8, queryLength, keyLength);
                    keepElements(gradients[0][column], mask, drawn);
                }
#pragma unroll
                for (int i = 0; i < 2; i++) {
                    float delta = exponents[Queries + columnOfElement(column, i)];
                    gradients[0][column][i] = scores[0][column][i] * (gradients[0][column][i] - delta);
                    gradients[0][column][i + 2] = scores[0][column][i + 2] * (gradients[0][column][i + 2] - delta);
                }
                if (Drop) keepElements(scores[0][column], mask, drawn);
            }
            packWeights(slopes, gradients);
            if (Drop) packWeights(weights, scores);
            beginProducts();
            if (Drop) startAcross(valueSums, weights, outputs);
            startAcross(keySums, slopes, queries);
            commitProducts();
            waitForSums<0>(valueSums);
            holdSums(keySums[0]);
        }
        head = nextHead;
        firstQuery = nextQuery;
    }

#pragma unroll
    for (int half = 0; half < 2; half++) {
        int key = ownKey + rowOfElement(0, 2 * half);
        if (key >= keyLength) continue;
        storeRow<Size>(dKey + (keyStart + key) * dKeyStride + keyHead * Size, keySums[0], 2 * half, scale, key < keyCount);
        storeRow<Size>(dValue + (keyStart + key) * dValueStride + keyHead * Size, valueSums[0], 2 * half, 1.0f, key < keyCount);
    }
}

}  // namespace attention
