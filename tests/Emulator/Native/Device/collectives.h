// Barriers and warp collectives, by the emulator's exchange. Each notes the line that it is called from.
#pragma once

#define EMULATOR_LINE int line = __builtin_LINE()

static inline int emulator_lane() {
    const EmulatorThread* t = emulator_current;
    return (int)((t->threadIndex.x + t->blockSize.x * (t->threadIndex.y + t->blockSize.y * t->threadIndex.z)) & 31);
}

static inline void __syncthreads(EMULATOR_LINE) { emulator_barrier(line); }
static inline int __syncthreads_count(int predicate, EMULATOR_LINE) { return emulator_barrier_count(predicate, line); }
static inline int __syncthreads_or(int predicate, EMULATOR_LINE) { return emulator_barrier_count(predicate, line) != 0; }
static inline int __syncthreads_and(int predicate, EMULATOR_LINE) { return emulator_barrier_count(!predicate, line) == 0; }
static inline void __syncwarp(unsigned mask = 0xffffffffu, EMULATOR_LINE) { emulator_gather(mask, nullptr, 0, EmulatorSync, line); }
static inline void __threadfence() {}
static inline void __threadfence_block() {}

template <class T>
static inline T emulator_shuffle(unsigned mask, T value, int source, int line) {
    static_assert(sizeof(T) <= 64, "a shuffled value has at most 64 bytes");
    const EmulatorExchange* exchange = emulator_gather(mask, &value, sizeof(T), EmulatorShuffle, line);
    if (!(exchange->participants >> source & 1)) {
        emulator_inactive_source(source, line);
        return value;
    }
    T result;
    __builtin_memcpy(&result, exchange->slots[source], sizeof result);
    return result;
}

// A source outside the caller's segment of `width` lanes means the caller's own value.
template <class T>
static inline T emulator_shuffle_within(unsigned mask, T value, int source, int width, int line) {
    int lane = emulator_lane();
    bool inside = source >= 0 && source / width == lane / width;
    return emulator_shuffle(mask, value, inside ? source : lane, line);
}

template <class T>
static inline T __shfl_sync(unsigned mask, T value, int source, int width = 32, EMULATOR_LINE) {
    return emulator_shuffle(mask, value, emulator_lane() / width * width + (source & (width - 1)), line);
}
template <class T>
static inline T __shfl_xor_sync(unsigned mask, T value, int bits, int width = 32, EMULATOR_LINE) {
    // A lane of a later segment gives the caller's own value, one of an earlier segment is read.
    int lane = emulator_lane(), source = lane ^ bits;
    return emulator_shuffle(mask, value, source / width > lane / width ? lane : source, line);
}
template <class T>
static inline T __shfl_up_sync(unsigned mask, T value, unsigned distance, int width = 32, EMULATOR_LINE) {
    return emulator_shuffle_within(mask, value, emulator_lane() - (int)distance, width, line);
}
template <class T>
static inline T __shfl_down_sync(unsigned mask, T value, unsigned distance, int width = 32, EMULATOR_LINE) {
    return emulator_shuffle_within(mask, value, emulator_lane() + (int)distance, width, line);
}

static inline unsigned __ballot_sync(unsigned mask, int predicate, EMULATOR_LINE) {
    const EmulatorExchange* exchange = emulator_gather(mask, &predicate, sizeof predicate, EmulatorVote, line);
    unsigned votes = 0;
    for (int lane = 0; lane < 32; lane++)
        if (exchange->participants >> lane & 1) votes |= (unsigned)(*(const int*)exchange->slots[lane] != 0) << lane;
    return votes;
}
static inline int __any_sync(unsigned mask, int predicate, EMULATOR_LINE) { return __ballot_sync(mask, predicate, line) != 0; }
static inline int __all_sync(unsigned mask, int predicate, EMULATOR_LINE) { return __ballot_sync(mask, !predicate, line) == 0; }

template <class T>
static inline unsigned __match_any_sync(unsigned mask, T value, EMULATOR_LINE) {
    const EmulatorExchange* exchange = emulator_gather(mask, &value, sizeof value, EmulatorMatch, line);
    unsigned equal = 0;
    for (int lane = 0; lane < 32; lane++)
        if (exchange->participants >> lane & 1) equal |= (unsigned)(__builtin_memcmp(exchange->slots[lane], &value, sizeof value) == 0) << lane;
    return equal;
}

template <class T, class F>
static inline T emulator_reduce(unsigned mask, T value, F combine, int line) {
    const EmulatorExchange* exchange = emulator_gather(mask, &value, sizeof value, EmulatorReduce, line);
    bool first = true;
    T result = value;
    for (int lane = 0; lane < 32; lane++) {
        if (!(exchange->participants >> lane & 1)) continue;
        T other = *(const T*)exchange->slots[lane];
        result = first ? other : combine(result, other);
        first = false;
    }
    return result;
}

#define EMULATOR_REDUCTION(name, type, expression)                                                   \
    static inline type name(unsigned mask, type value, EMULATOR_LINE) {                              \
        return emulator_reduce(mask, value, [](type a, type b) -> type { return expression; }, line); \
    }
EMULATOR_REDUCTION(__reduce_add_sync, unsigned, a + b)
EMULATOR_REDUCTION(__reduce_add_sync, int, (int)((unsigned)a + (unsigned)b))
EMULATOR_REDUCTION(__reduce_min_sync, unsigned, a < b ? a : b)
EMULATOR_REDUCTION(__reduce_min_sync, int, a < b ? a : b)
EMULATOR_REDUCTION(__reduce_max_sync, unsigned, a > b ? a : b)
EMULATOR_REDUCTION(__reduce_max_sync, int, a > b ? a : b)
EMULATOR_REDUCTION(__reduce_and_sync, unsigned, a & b)
EMULATOR_REDUCTION(__reduce_or_sync, unsigned, a | b)
EMULATOR_REDUCTION(__reduce_xor_sync, unsigned, a ^ b)
