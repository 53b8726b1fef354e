// Attention backward on tensor cores: two kernels, as in attention_backward.cu, each of which computes the scores anew. The scores' gradients stay in
// registers: the kernel for queries multiplies rows of queries, the one for keys and values the transposed products k q^T and v dy^T.
namespace attention {

// From a score to its weight, and from dy . v to the score's gradient but for the scale.
DEVICE void differentiateElement(float& score, float& gradient, float factor, float exponent, float delta) {
    score = power2(fmaf(score, factor, -exponent));
    gradient = score * (gradient - delta);
}

template <int Size, int Queries, int Keys, int Causal, int Drop>
__global__ void __launch_bounds__(Threads, 2)
tensorQueries(const Activation* allQueries, const Activation* allKeys, const Activation* allValues, const Token* queryLengths,
              const Token* keyLengths, const Activation* dy, const Activation* y, const Statistic* logSumExp, Statistic* deltas,
              Activation* dQuery, ATTENTION_PARAMETERS, int dQueryStride, DROPOUT_PARAMETERS) {
    constexpr int Stride = TileRow<Size, Activation>::Stride, Blocks = Queries / (16 * Warps), Count = Keys / 8;
    extern __shared__ __align__(16) float attentionTiles[];
    Activation* queries = reinterpret_cast<Activation*>(attentionTiles);
    Activation* outputs = queries + Queries * Stride;
    Activation* stages = outputs + Queries * Stride;

    int tiles = (queryLength + Queries - 1) / Queries, item = (int)blockIdx.x / tiles, sequence = item / heads, head = item % heads;
    int firstQuery = (tiles - 1 - (int)blockIdx.x % tiles) * Queries, width = heads * Size;
    int count = queryLengths[sequence], keyCount = keyLengths[sequence], shift = keyCount - count;
    long long start = (long long)sequence * queryLength, keyStart = (long long)sequence * keyLength;
    const Activation* keyRows = allKeys + keyStart * keyStride + head / group * Size;
    const Activation* valueRows = allValues + keyStart * valueStride + head / group * Size;
    int ownRow = warpIndex() * 16 * Blocks, ownQuery = firstQuery + ownRow;
    DropoutMask mask = DROPOUT_MASK;
    float factor = scale * Log2OfE;

    float sums[Blocks][Size / 8][4], exponents[Blocks][2], delta[Blocks][2];
    clear(sums);

    int end = firstQuery >= count ? 0 : endOfKeys<Causal>(firstQuery + Queries, keyCount, shift);
    if (end > 0) {
        copyTile<Size, Queries>(queries, allQueries + start * queryStride + head * Size, queryStride, firstQuery, count);
        copyTile<Size, Queries>(outputs, dy + start * width + head * Size, width, firstQuery, count);
        copyTile<Size, Keys>(stages, keyRows, keyStride, 0, end);
        copyTile<Size, Keys>(stages + Keys * Stride, valueRows, valueStride, 0, end);
        commitCopies();
        waitForCopies<0>();
        __syncthreads();
#pragma unroll
        for (int block = 0; block < Blocks; block++)
#pragma unroll
            for (int half = 0; half < 2; half++) {
                int row = rowOfElement(block, 2 * half), query = ownQuery + row;
                long long place = (long long)item * queryLength + query;
                float part = 0.0f;
                if (query < count)
#pragma unroll
                    for (int column = 0; column < Size; column += 16) {
                        int own = column + laneIndex() % 4 * 4;
                        part += dot(load4(outputs + (ownRow + row) * Stride + own), load4(y + (start + query) * width + head * Size + own));
                    }
                delta[block][half] = warpSum<4>(part);
                exponents[block][half] = query < count ? logSumExp[place] * Log2OfE : 0.0f;
                if (query < count && laneIndex() % 4 == 0) deltas[place] = delta[block][half];
            }
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
        if (firstKey >= ownEnd) continue;
        const Activation* keys = stages + stage * 2 * Keys * Stride;
        float scores[Blocks][Count][4], gradients[Blocks][Count][4];
        multiplyTiles<Size>(scores, queries + ownRow * Stride, keys);
        multiplyTiles<Size>(gradients, outputs + ownRow * Stride, keys + Keys * Stride);
        if (Drop) dropTile(gradients, mask, item, ownQuery, firstKey, queryLength, keyLength);
#pragma unroll
        for (int block = 0; block < Blocks; block++)
#pragma unroll
            for (int column = 0; column < Count; column++)
#pragma unroll
                for (int i = 0; i < 4; i++)
                    differentiateElement(scores[block][column][i], gradients[block][column][i], factor, exponents[block][i / 2], delta[block][i / 2]);
        if (firstKey + Keys > wholeEnd) {
#pragma unroll
            for (int block = 0; block < Blocks; block++)
#pragma unroll
                for (int i = 0; i < 4; i++) {
                    int visible = visibleKeys<Causal>(ownQuery + rowOfElement(block, i), keyCount, shift, firstKey);
#pragma unroll
                    for (int column = 0; column < Count; column++)
                        if (columnOfElement(column, i) >= visible) gradients[block][column][i] = 0.0f;
                }
        }
        addProduct<Size>(sums, gradients, keys);
    }

#pragma unroll
    for (int block = 0; block < Blocks; block++)
#pragma unroll
        for (int half = 0; half < 2; half++) {
            int query = ownQuery + rowOfElement(block, 2 * half);
            if (query < queryLength)
                storeRow<Size>(dQuery + (start + query) * dQueryStride + head * Size, sums[block], 2 * half, scale, query < count);
        }
}

template <int Size, int Queries, int Keys, int Causal, int Drop>
__global__ void __launch_bounds__(Threads, 2)
tensorKeysAndValues(const Activation* allQueries, const Activation* allKeys, const Activation* allValues, const Token* queryLengths,
                    const Token* keyLengths, const Activation* dy, const Statistic* logSumExp, const Statistic* deltas, Activation* dKey,
                    Activation* dValue, ATTENTION_PARAMETERS, int dKeyStride, int dValueStride, DROPOUT_PARAMETERS) {
    constexpr int Stride = TileRow<Size, Activation>::Stride, Blocks = Keys / (16 * Warps), Count = Queries / 8;
    extern __shared__ __align__(16) float attentionTiles[];
    Activation* keys = reinterpret_cast<Activation*>(attentionTiles);
    Activation* values = keys + Keys * Stride;
    Activation* stages = values + Keys * Stride;

    int keyHeads = heads / group, tiles = (keyLength + Keys - 1) / Keys, keyItem = (int)blockIdx.x / tiles;
    int sequence = keyItem / keyHeads, keyHead = keyItem % keyHeads, firstKey = (int)blockIdx.x % tiles * Keys, width = heads * Size;
    int count = queryLengths[sequence], keyCount = keyLengths[sequence], shift = keyCount - count;
    long long start = (long long)sequence * queryLength, keyStart = (long long)sequence * keyLength;
    int ownRow = warpIndex() * 16 * Blocks, ownKey = firstKey + ownRow;
    DropoutMask mask = DROPOUT_MASK;
    float factor = scale * Log2OfE;

    float keySums[Blocks][Size / 8][4], valueSums[Blocks][Size / 8][4];
    clear(keySums);
    clear(valueSums);

    auto load = [&](int head, int firstQuery, int stage) {
        Activation* to = stages + stage * 2 * Queries * Stride;
        copyTile<Size, Queries>(to, allQueries + start * queryStride + head * Size, queryStride, firstQuery, count);
        copyTile<Size, Queries>(to + Queries * Stride, dy + start * width + head * Size, width, firstQuery, count);
        // Behind each row of the two tiles stands its statistic.
        int row = (int)threadIdx.x, query = firstQuery + row % Queries;
        bool valid = query < count;
        if (row < 2 * Queries)
            copyAsync4(behindRow<Size>(to, row),
                       (row < Queries ? logSumExp : deltas) + ((long long)sequence * heads + head) * queryLength + (valid ? query : 0), valid);
        commitCopies();
    };

    // With a causal mask every query from the first one on sees this tile's first key. The query heads that share it follow one another.
    int begin = Causal ? max(firstKey - shift, 0) : 0, head = keyHead * group;
    int endOfHeads = firstKey < keyCount && begin < count ? head + group : head;
    if (head < endOfHeads) {
        copyTile<Size, Keys>(keys, allKeys + keyStart * keyStride + keyHead * Size, keyStride, firstKey, keyCount);
        copyTile<Size, Keys>(values, allValues + keyStart * valueStride + keyHead * Size, valueStride, firstKey, keyCount);
        load(head, begin, 0);
    }

    for (int firstQuery = begin, stage = 0; head < endOfHeads; stage ^= 1) {
        int nextQuery = firstQuery + Queries, nextHead = head;
        if (nextQuery >= count) {
            nextQuery = begin;
            nextHead++;
        }
        waitForCopies<0>();
        __syncthreads();
        if (nextHead < endOfHeads) load(nextHead, nextQuery, stage ^ 1);
        // The warp's keys may be after all these queries although those of another one are not.
        if (!Causal || ownKey < firstQuery + Queries + shift) {
            const Activation* queries = stages + stage * 2 * Queries * Stride;
            const Activation* outputs = queries + Queries * Stride;
            float scores[Blocks][Count][4], gradients[Blocks][Count][4];
            multiplyTiles<Size>(scores, keys + ownRow * Stride, queries);
            multiplyTiles<Size>(gradients, values + ownRow * Stride, outputs);
#pragma unroll
            for (int column = 0; column < Count; column++)
#pragma unroll
                for (int block = 0; block < Blocks; block++) {
                    float(&weights)[4] = scores[block][column];
                    float(&own)[4] = gradients[block][column];
                    uint4 drawn = make_uint4(0, 0, 0, 0);
                    if (Drop) {
                        drawn = drawTransposed(mask, sequence * heads + head, ownKey + block * 16, firstQuery + column * 8, queryLength, keyLength);
                        keepElements(own, mask, drawn);
                    }
#pragma unroll
                    for (int i = 0; i < 4; i++) {
                        // A query beyond the end is zero, and so are its outputs' gradients: it adds nothing.
                        int place = columnOfElement(column, i);
                        float exponent = *behindRow<Size>(queries, place) * Log2OfE, delta = *behindRow<Size>(outputs, place);
                        differentiateElement(weights[i], own[i], factor, exponent, delta);
                    }
                    if (Drop) keepElements(weights, mask, drawn);
                }
            if (Causal && ownKey + 16 * Blocks > firstQuery + shift + 1) {
#pragma unroll
                for (int block = 0; block < Blocks; block++)
#pragma unroll
                    for (int column = 0; column < Count; column++)
#pragma unroll
                        for (int i = 0; i < 4; i++)
                            if (ownKey + rowOfElement(block, i) > firstQuery + columnOfElement(column, i) + shift) {
                                scores[block][column][i] = 0.0f;
                                gradients[block][column][i] = 0.0f;
                            }
            }
            addProduct<Size>(valueSums, scores, outputs);
            addProduct<Size>(keySums, gradients, queries);
        }
        head = nextHead;
        firstQuery = nextQuery;
    }

#pragma unroll
    for (int block = 0; block < Blocks; block++)
#pragma unroll
        for (int half = 0; half < 2; half++) {
            int key = ownKey + rowOfElement(block, 2 * half);
            if (key >= keyLength) continue;
            storeRow<Size>(dKey + (keyStart + key) * dKeyStride + keyHead * Size, keySums[block], 2 * half, scale, key < keyCount);
            storeRow<Size>(dValue + (keyStart + key) * dValueStride + keyHead * Size, valueSums[block], 2 * half, 1.0f, key < keyCount);
        }
}

}  // namespace attention
