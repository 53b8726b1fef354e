// Draws tokens as Device.Sample says, a block a draw. Weights are whole numbers, so that sums need no order and the bins may be filled by atomics. A
// token of the ranking is found without sorting: bins of equal steps of the logit, which the tokens spread over, then bins of digits of the logit
// within the one that holds it. Comes after quads.cuh.
namespace sampling {

constexpr int DigitBits = 11;
constexpr int BinCount = 1 << DigitBits;
constexpr int Levels = 4;  // the steps, then digits of 11, 11 and 10 bits

// Weights below 2^-40 are zero, which is 27.7 below the maximum.
constexpr float BinsOfUnit = 64.0f;

// So many tokens are kept in shared memory once the others no longer count.
constexpr int MostKept = 1024;

// TokenDraw of the host.
struct Draw {
    unsigned long long random, topShare, leastWeight;
    float temperature, penalty;
    int topK, row, slot, padding;
};

// Some tokens: their weight and how many.
struct Mass {
    unsigned long long weight, count;
};

DEVICE Mass operator+(Mass a, Mass b) { return Mass{a.weight + b.weight, a.count + b.count}; }

// The tokens of one logit.
struct Group {
    Mass before, own;
    unsigned rank;
};

template <int Threads>
struct Shared {
    unsigned long long weights[BinCount], sums[Threads / WarpSize];
    int counts[BinCount];
    Mass totals[Threads / WarpSize];
    Group found;
    int token, keptCount, keptTokens[MostKept];
    float keptLogits[MostKept];
};

// Smaller for larger logits; zeros are equal, and what is not a number comes first.
DEVICE unsigned rankOf(float logit) {
    if (logit != logit) return 0;
    unsigned bits = logit == 0.0f ? 0u : __float_as_uint(logit);
    return bits >> 31 ? bits : ~(bits | 0x80000000u);
}

DEVICE float logitOf(unsigned rank) { return __uint_as_float(rank >> 31 ? rank : ~rank & 0x7fffffffu); }

// The logits of a draw. Where `tokens` is given, only these count any more, in any order, and what their penalised logits are.
struct Logits {
    const Logit* values;
    const Token* seen;
    int limit;
    bool vector;
    float penalty, temperature, maximum;
    const int* tokens;
    const float* kept;
    int count;
};

DEVICE float penalised(const Logits& logits, float logit, int token) {
    if (logits.penalty == 1.0f || !(logits.seen[token >> 5] >> (token & 31) & 1)) return logit;
    // Rounded before the maximum is subtracted, as on the host.
    return logit > 0.0f ? logit / logits.penalty : __fmul_rn(logit, logits.penalty);
}

DEVICE float exponent(const Logits& logits, float logit) { return (logit - logits.maximum) / logits.temperature; }

// A whole number of 2^-40.
DEVICE unsigned long long weightOf(const Logits& logits, float logit) {
    return (unsigned long long)(exponential(exponent(logits, logit)) * 1099511627776.0f);
}

DEVICE int stepOf(const Logits& logits, float logit) { return (int)fminf(-exponent(logits, logit) * BinsOfUnit, (float)(BinCount - 1)); }

// Tokens from `column` on, a multiple of four; zeros for those from the limit on.
DEVICE float4 quadAt(const Logits& logits, int column) {
    return loadQuad(logits.values, column, logits.limit, logits.vector && column + 4 <= logits.limit);
}

// Calls `visit` with the tokens of a quad and their logits.
template <class Visit>
DEVICE void visitQuad(const Logits& logits, int column, float4 quad, Visit visit) {
    float four[4] = {quad.x, quad.y, quad.z, quad.w};
#pragma unroll
    for (int i = 0; i < 4; i++)
        if (column + i < logits.limit) visit(column + i, penalised(logits, four[i], column + i));
}

template <class Visit>
DEVICE void visitQuad(const Logits& logits, int column, Visit visit) { visitQuad(logits, column, quadAt(logits, column), visit); }

template <int Threads, class Visit>
DEVICE void forEachToken(const Logits& logits, Visit visit) {
    if (logits.tokens) {
        for (int i = (int)threadIdx.x; i < logits.count; i += Threads) visit(logits.tokens[i], logits.kept[i]);
        return;
    }
    // Several quads are on their way at once.
    constexpr int Together = 4, Step = 4 * Threads;
    for (int first = 4 * (int)threadIdx.x; first < logits.limit; first += Together * Step) {
        float4 quads[Together];
#pragma unroll
        for (int i = 0; i < Together; i++) quads[i] = quadAt(logits, first + i * Step);
#pragma unroll
        for (int i = 0; i < Together; i++)
            if (first + i * Step < logits.limit) visitQuad(logits, first + i * Step, quads[i], visit);
    }
}

DEVICE unsigned long long warpTotal(unsigned long long value) {
#pragma unroll
    for (int distance = WarpSize / 2; distance > 0; distance /= 2) value += __shfl_xor_sync(WholeWarp, value, distance);
    return value;
}

// The sum of the lanes up to this one.
template <class T>
DEVICE T warpThrough(T value) {
#pragma unroll
    for (int distance = 1; distance < WarpSize; distance *= 2) {
        T before = __shfl_up_sync(WholeWarp, value, distance);
        if (laneIndex() >= distance) value += before;
    }
    return value;
}

// The sum over the block.
template <int Threads>
DEVICE unsigned long long blockTotal(unsigned long long value, Shared<Threads>& shared) {
    value = warpTotal(value);
    __syncthreads();
    if (laneIndex() == 0) shared.sums[warpIndex()] = value;
    __syncthreads();
    value = 0;
    for (int warp = 0; warp < Threads / WarpSize; warp++) value += shared.sums[warp];
    return value;
}

// The best token behind its rank; of equal ones the lowest.
template <int Threads>
DEVICE unsigned long long bestToken(const Logits& logits, Shared<Threads>& shared) {
    unsigned long long best = ~0ull;
    forEachToken<Threads>(logits, [&](int token, float logit) { best = min(best, (unsigned long long)rankOf(logit) << 32 | (unsigned)token); });
#pragma unroll
    for (int distance = WarpSize / 2; distance > 0; distance /= 2) best = min(best, __shfl_xor_sync(WholeWarp, best, distance));
    if (laneIndex() == 0) shared.sums[warpIndex()] = best;
    __syncthreads();
    for (int warp = 0; warp < Threads / WarpSize; warp++) best = min(best, shared.sums[warp]);
    return best;
}

// Leaves only the tokens up to the step `last`, which are at most MostKept.
template <int Threads>
DEVICE void keepThrough(Logits& logits, int last, Shared<Threads>& shared) {
    if (threadIdx.x == 0) shared.keptCount = 0;
    __syncthreads();
    forEachToken<Threads>(logits, [&](int token, float logit) {
        if (stepOf(logits, logit) > last) return;
        int place = atomicAdd(&shared.keptCount, 1);
        shared.keptTokens[place] = token;
        shared.keptLogits[place] = logit;
    });
    __syncthreads();
    logits.tokens = shared.keptTokens;
    logits.kept = shared.keptLogits;
    logits.count = shared.keptCount;
}

// The first group of the ranking up to which there is more than `target`, of tokens or of weight. What comes behind its step may be left out of the
// logits afterwards, so that no later target may lie there.
template <int Threads>
DEVICE Group select(Logits& logits, bool byCount, unsigned long long target, Shared<Threads>& shared) {
    constexpr int Own = BinCount / Threads;
    Group group = {};
    int step = 0;
    for (int level = 0; level < Levels; level++) {
        int shift = level == 1 ? 32 - DigitBits : level == 2 ? 32 - 2 * DigitBits : 0;
        for (int i = threadIdx.x; i < BinCount; i += Threads) {
            shared.weights[i] = 0;
            shared.counts[i] = 0;
        }
        __syncthreads();
        forEachToken<Threads>(logits, [&](int, float logit) {
            unsigned rank = rankOf(logit);
            int bin = stepOf(logits, logit);
            if (level > 0) {
                if (bin != step || (level > 1 && (rank ^ group.rank) >> (shift + DigitBits - (level == 3)) != 0)) return;
                bin = (int)(rank >> shift) & (level == 3 ? BinCount / 2 - 1 : BinCount - 1);
            }
            atomicAdd(&shared.counts[bin], 1);
            if (level == 0 && byCount) return;
            unsigned long long weight = weightOf(logits, logit);
            if (weight != 0) atomicAdd(&shared.weights[bin], weight);
        });
        __syncthreads();

        int first = (int)threadIdx.x * Own;
        Mass own = {};
        for (int bin = first; bin < first + Own; bin++) own = own + Mass{shared.weights[bin], (unsigned long long)shared.counts[bin]};
        Mass through = {warpThrough(own.weight), warpThrough(own.count)};
        if (laneIndex() == WarpSize - 1) shared.totals[warpIndex()] = through;
        __syncthreads();
        Mass before = group.before + Mass{through.weight - own.weight, through.count - own.count};
        for (int warp = 0; warp < warpIndex(); warp++) before = before + shared.totals[warp];
        for (int bin = first; bin < first + Own; bin++) {
            Mass mass = {shared.weights[bin], (unsigned long long)shared.counts[bin]}, after = before + mass;
            bool holds = byCount ? before.count <= target && target < after.count : before.weight <= target && target < after.weight;
            if (holds) shared.found = Group{before, mass, (unsigned)bin};
            before = after;
        }
        __syncthreads();
        group.before = shared.found.before;
        group.own = shared.found.own;
        if (level > 0) {
            group.rank |= shared.found.rank << shift;
            continue;
        }
        step = (int)shared.found.rank;
        if (!logits.tokens && group.before.count + group.own.count <= MostKept) keepThrough(logits, step, shared);
        if (byCount) {
            // Only now: the weights of all tokens would be more work than those of the few that are left.
            unsigned long long before = 0;
            forEachToken<Threads>(logits, [&](int, float logit) { before += stepOf(logits, logit) < step ? weightOf(logits, logit) : 0; });
            group.before.weight = blockTotal<Threads>(before, shared);
        }
    }
    return group;
}

// The first token by number up to which there is more weight than place(all weight), where weight(logit) says how much.
template <int Threads, class Weight, class Place>
DEVICE int findByNumber(const Logits& logits, Weight weight, Place place, Shared<Threads>& shared) {
    constexpr int Warps = Threads / WarpSize, Columns = 4 * WarpSize;
    int length = (logits.limit + Warps * Columns - 1) / (Warps * Columns) * Columns, begin = warpIndex() * length;
    unsigned long long sum = 0;
    for (int column = begin + 4 * laneIndex(); column < min(begin + length, logits.limit); column += Columns)
        visitQuad(logits, column, [&](int, float logit) { sum += weight(logit); });
    sum = warpTotal(sum);
    __syncthreads();
    if (laneIndex() == 0) shared.sums[warpIndex()] = sum;
    __syncthreads();
    unsigned long long total = 0;
    for (int warp = 0; warp < Warps; warp++) total += shared.sums[warp];
    unsigned long long left = place(total);
    int holder = 0;
    while (left >= shared.sums[holder]) left -= shared.sums[holder++];

    if (holder == warpIndex()) {
        for (int column = begin + 4 * laneIndex();; column += Columns) {
            unsigned long long own = 0;
            if (column < logits.limit) visitQuad(logits, column, [&](int, float logit) { own += weight(logit); });
            unsigned long long through = warpThrough(own), before = through - own;
            if (__ballot_sync(WholeWarp, left < through) == 0) {
                left -= __shfl_sync(WholeWarp, through, WarpSize - 1);
                continue;
            }
            if (before <= left && left < through) {
                left -= before;
                bool open = true;
                visitQuad(logits, column, [&](int token, float logit) {
                    unsigned long long mine = weight(logit);
                    if (open && left < mine) {
                        shared.token = token;
                        open = false;
                    }
                    if (open) left -= mine;
                });
            }
            break;
        }
    }
    __syncthreads();
    return shared.token;
}

// The weight up to and with the token that `target` falls on.
DEVICE unsigned long long weightThrough(const Logits& logits, const Group& group, unsigned long long target) {
    unsigned long long each = weightOf(logits, logitOf(group.rank));
    return group.before.weight + ((target - group.before.weight) / each + 1) * each;
}

// Of the tokens that are kept and have a rank, the one before which there are `index` others by number.
template <int Threads>
DEVICE int findKept(const Logits& logits, unsigned rank, unsigned long long index, Shared<Threads>& shared) {
    unsigned long long found = 0;
    forEachToken<Threads>(logits, [&](int token, float logit) {
        if (rankOf(logit) != rank) return;
        unsigned long long before = 0;
        for (int i = 0; i < logits.count; i++) before += logits.tokens[i] < token && rankOf(logits.kept[i]) == rank;
        if (before == index) found = (unsigned)token;
    });
    return (int)blockTotal<Threads>(found, shared);
}

template <int Threads>
DEVICE int drawFromBest(Logits logits, const Draw& draw, Shared<Threads>& shared) {
    unsigned long long kept = 0, least = 0;
    bool isCounted = draw.topK > 0 && draw.topK < logits.limit;
    if (!isCounted || draw.leastWeight > 0) {
        unsigned long long all = 0, some = 0;
        forEachToken<Threads>(logits, [&](int, float logit) {
            unsigned long long weight = weightOf(logits, logit);
            all += weight;
            if (weight >= draw.leastWeight) some += weight;
        });
        kept = blockTotal<Threads>(all, shared);
        if (draw.leastWeight > 0) least = blockTotal<Threads>(some, shared);
    }
    if (isCounted) {
        Group last = select<Threads>(logits, true, (unsigned)(draw.topK - 1), shared);
        kept = last.before.weight + ((unsigned)draw.topK - last.before.count) * weightOf(logits, logitOf(last.rank));
    }
    if (draw.topShare > 0) {
        unsigned long long target = __umul64hi(kept, draw.topShare - 1);
        kept = weightThrough(logits, select<Threads>(logits, false, target, shared), target);
    }
    if (draw.leastWeight > 0) kept = min(kept, least);

    unsigned long long place = __umul64hi(draw.random, kept);
    Group group = select<Threads>(logits, false, place, shared);
    unsigned long long each = weightOf(logits, logitOf(group.rank)), index = (place - group.before.weight) / each;
    if (logits.tokens) return findKept(logits, group.rank, index, shared);
    return findByNumber<Threads>(
        logits, [&](float logit) { return rankOf(logit) == group.rank ? 1ull : 0ull; }, [&](unsigned long long) { return index; }, shared);
}

template <int Threads>
__global__ void __launch_bounds__(Threads)
sample(const Logit* rows, const Token* draws, Token* seen, Token* tokens, int limit, int stride, int slotWords) {
    __shared__ Shared<Threads> shared;
    Draw draw = reinterpret_cast<const Draw*>(draws)[blockIdx.x];
    Token* own = seen + (long long)draw.slot * slotWords;
    Logits logits = {
        rows + (long long)draw.row * stride, own, limit, isVector(rows, stride), draw.penalty, draw.temperature, 0.0f, nullptr, nullptr, 0};

    unsigned long long best = bestToken<Threads>(logits, shared);
    unsigned bestRank = (unsigned)(best >> 32);
    int token = (int)(unsigned)best;
    logits.maximum = logitOf(bestRank);
    if (bestRank == 0)
        token = ~token;  // not a number
    else if (logits.maximum == infinity())
        token = -2147483647 - 1;
    else if (logits.maximum == -infinity())
        token = -2147483647;
    else if (draw.temperature != 0.0f && (draw.topK > 0 || draw.topShare > 0 || draw.leastWeight > 0))
        token = drawFromBest<Threads>(logits, draw, shared);
    else if (draw.temperature != 0.0f)
        token = findByNumber<Threads>(
            logits, [&](float logit) { return weightOf(logits, logit); }, [&](unsigned long long total) { return __umul64hi(draw.random, total); },
            shared);

    if (threadIdx.x == 0) {
        tokens[blockIdx.x] = token;
        if (draw.penalty != 1.0f && token >= 0) own[token >> 5] |= 1 << (token & 31);
    }
}

}  // namespace sampling
