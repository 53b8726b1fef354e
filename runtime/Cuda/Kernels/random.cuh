// Random words by element, as RandomStream addresses them: word e is word e mod 4 of the Philox block e / 4. Comes after packs.cuh.
#ifndef GPTGEN_RANDOM
#define GPTGEN_RANDOM

// Philox 4x32-10 (Salmon, Moraes, Dror and Shaw, SC 2011).
DEVICE uint4 philox(unsigned key0, unsigned key1, uint4 counter) {
#pragma unroll
    for (int round = 0; round < 10; round++) {
        unsigned high0 = __umulhi(0xD2511F53u, counter.x), low0 = 0xD2511F53u * counter.x;
        unsigned high1 = __umulhi(0xCD9E8D57u, counter.z), low1 = 0xCD9E8D57u * counter.z;
        counter = make_uint4(high1 ^ counter.y ^ key0, low1, high0 ^ counter.w ^ key1, low0);
        key0 += 0x9E3779B9u;
        key1 += 0xBB67AE85u;
    }
    return counter;
}

// Which elements a dropout site keeps, and what those are multiplied with.
struct DropoutMask {
    unsigned long long key, place;
    unsigned threshold;
    float scale;
};

// The words of elements 4 * block to 4 * block + 3.
DEVICE uint4 words(const DropoutMask& mask, unsigned long long block) {
    return philox((unsigned)mask.key, (unsigned)(mask.key >> 32),
                  make_uint4((unsigned)block, (unsigned)(block >> 32), (unsigned)mask.place, (unsigned)(mask.place >> 32)));
}

DEVICE float keep(const DropoutMask& mask, unsigned word, float value) { return word >= mask.threshold ? value * mask.scale : 0.0f; }

// Four elements; the first one's index is a multiple of four.
DEVICE float4 drop(const DropoutMask& mask, float4 value, long long element) {
    uint4 word = words(mask, (unsigned long long)element / 4);
    return make_float4(keep(mask, word.x, value.x), keep(mask, word.y, value.y), keep(mask, word.z, value.z), keep(mask, word.w, value.w));
}

// Eight elements; the first one's index is a multiple of four.
DEVICE float8 drop(const DropoutMask& mask, float8 value, long long element) {
    return float8{drop(mask, value.low, element), drop(mask, value.high, element + 4)};
}

// The word of one element.
DEVICE unsigned wordOf(const DropoutMask& mask, unsigned long long element) {
    uint4 word = words(mask, element / 4);
    return element % 4 == 0 ? word.x : element % 4 == 1 ? word.y : element % 4 == 2 ? word.z : word.w;
}

DEVICE float drop(const DropoutMask& mask, float value, long long element) { return keep(mask, wordOf(mask, (unsigned long long)element), value); }

// A site's mask as a launch passes it; without dropout no word is drawn.
#define DROPOUT_PARAMETERS unsigned long long dropoutKey, unsigned long long dropoutPlace, unsigned dropoutThreshold, float dropoutScale
#define DROPOUT_MASK (DropoutMask{dropoutKey, dropoutPlace, dropoutThreshold, dropoutScale})

#endif
