// The loss of each row of logits and, when asked for, its gradient in the logits' place. Comes after quads.cuh.
namespace head {

// Logits in 16 bytes.
constexpr int Wide = 16 / (int)sizeof(Workspace);

// The elements of 16 bytes.
template <class T>
DEVICE Pack<16 / (int)sizeof(T)> numbersIn(uint4 bits) {
    if constexpr (sizeof(T) == 2)
        return float8{unpack4(uint2{bits.x, bits.y}), unpack4(uint2{bits.z, bits.w})};
    else
        return make_float4(__uint_as_float(bits.x), __uint_as_float(bits.y), __uint_as_float(bits.z), __uint_as_float(bits.w));
}

// What a thread found in its part of a row: the largest logit, the sum of the exponentials of how far the logits are above it, and with smoothing the
// sum of how far they are below the target's.
struct Part {
    float most, total, excess;
};

DEVICE float sumOfExponentials(float4 logit, float largest) {
    return sum(map(logit, [=](float x) { return quickExponential(x - largest); }));
}
DEVICE float sumOfExponentials(float8 logit, float largest) {
    return sumOfExponentials(logit.low, largest) + sumOfExponentials(logit.high, largest);
}

// The sum of how far those of some logits that stand before `end` are below the target's.
DEVICE float excessOf(float4 logit, float chosen, int column, int end) {
    float4 v = make_float4(chosen, chosen, chosen, chosen) - logit;
    return ((column < end ? v.x : 0.0f) + (column + 1 < end ? v.y : 0.0f)) + ((column + 2 < end ? v.z : 0.0f) + (column + 3 < end ? v.w : 0.0f));
}
DEVICE float excessOf(float8 logit, float chosen, int column, int end) {
    return excessOf(logit.low, chosen, column, end) + excessOf(logit.high, chosen, column + 4, end);
}

// The gradients of neighbouring logits; those beyond the vocabulary are minus infinity and get none.
template <int Vocabulary, int Smoothed>
struct GradientOf {
    float largest, factor, onTarget, onAll;
    int target;

    __device__ __forceinline__ float4 operator()(float4 logit, int column) const {
        float4 gradient = map(logit, [this](float x) { return quickExponential(x - largest); }) * factor;
        if constexpr (Smoothed)
            gradient = gradient - make_float4(column < Vocabulary ? onAll : 0.0f, column + 1 < Vocabulary ? onAll : 0.0f,
                                              column + 2 < Vocabulary ? onAll : 0.0f, column + 3 < Vocabulary ? onAll : 0.0f);
        int place = target - column;
        if ((unsigned)place < 4) {
            if (place == 0) gradient.x -= onTarget;
            if (place == 1) gradient.y -= onTarget;
            if (place == 2) gradient.z -= onTarget;
            if (place == 3) gradient.w -= onTarget;
        }
        return gradient;
    }
    __device__ __forceinline__ float8 operator()(float8 logit, int column) const {
        return float8{(*this)(logit.low, column), (*this)(logit.high, column + 4)};
    }
};

// A row that a block reads once and keeps in registers, 16 bytes a pack: rows begin at multiples of 16 bytes, and the packs of all threads hold the
// vocabulary. Where a pack was used for the last time, that of the next row is loaded, so that memory is read while the block computes.
template <int Vocabulary, int Threads, int Packs>
struct Row {
    uint4 packs[Packs];

    static __device__ __forceinline__ int column(int pack) { return (pack * Threads + (int)threadIdx.x) * Wide; }

    // Whether no thread's pack goes beyond the vocabulary, so that nothing is left to ask.
    static __device__ __forceinline__ constexpr bool isWhole(int pack) { return (pack + 1) * Threads * Wide <= Vocabulary; }

    __device__ __forceinline__ Row(const Workspace*, int) {}

    __device__ __forceinline__ void load(int pack, const Workspace* row) {
        if (row && (isWhole(pack) || column(pack) < Vocabulary)) packs[pack] = *reinterpret_cast<const uint4*>(row + column(pack));
    }

    __device__ __forceinline__ void load(const Workspace* row) {
#pragma unroll
        for (int pack = 0; pack < Packs; pack++) load(pack, row);
    }

    __device__ __forceinline__ Pack<Wide> numbers(int pack) const { return numbersIn<Workspace>(packs[pack]); }

    // 32 bits of a pack, the `word`th; minus infinity in place of what is beyond the vocabulary.
    static __device__ __forceinline__ unsigned orNothing(unsigned bits, int word, int left) {
        const unsigned nothing = 0xff800000u;
        if constexpr (Wide == 4) return word < left ? bits : nothing;
        return 2 * word + 1 < left ? bits : 2 * word < left ? (bits & 0xffffu) | nothing : nothing >> 16 | nothing;
    }

    __device__ __forceinline__ void cut() {
#pragma unroll
        for (int pack = 0; pack < Packs; pack++) {
            int left = Vocabulary - column(pack);
            if (isWhole(pack) || left >= Wide) continue;
            uint4& bits = packs[pack];
            bits = make_uint4(orNothing(bits.x, 0, left), orNothing(bits.y, 1, left), orNothing(bits.z, 2, left), orNothing(bits.w, 3, left));
        }
    }

    template <int Gradients, int Smoothed>
    __device__ __forceinline__ Part read(const Workspace*, float chosen, const Workspace* next) {
        cut();
        Part part{-3e38f, 0.0f, 0.0f};  // finite, so that a thread without tokens adds zeros
#pragma unroll
        for (int pack = 0; pack < Packs; pack++) part.most = fmaxf(part.most, maximum(numbers(pack)));
#pragma unroll
        for (int pack = 0; pack < Packs; pack++) {
            part.total += sumOfExponentials(numbers(pack), part.most);
            if constexpr (Smoothed) part.excess += excessOf(numbers(pack), chosen, column(pack), Vocabulary);
            if constexpr (!Gradients) load(pack, next);
        }
        return part;
    }

    template <class Gradient>
    __device__ __forceinline__ void replace(Workspace* row, int stride, const Gradient& gradient, const Workspace* next) {
#pragma unroll
        for (int pack = 0; pack < Packs; pack++) {
            if (isWhole(pack) || column(pack) < stride) store(row + column(pack), gradient(numbers(pack), column(pack)));
            load(pack, next);
        }
        for (int padding = column(Packs); padding < stride; padding += Threads * Wide) store(row + padding, all<Wide>(0.0f));
    }

    __device__ __forceinline__ void clear(Workspace* row, int stride) {
        for (int place = column(0); place < stride; place += Threads * Wide) store(row + place, all<Wide>(0.0f));
    }
};

// A row of any size and place: one pass for maximum and sum together (Milakov and Gimelshein, "Online normalizer calculation for softmax", 2018), a
// second one for the gradient.
template <int Vocabulary, int Threads>
struct Row<Vocabulary, Threads, 0> {
    bool vector;

    __device__ __forceinline__ Row(const Workspace* logits, int stride) : vector(isVector(logits, stride)) {}

    __device__ __forceinline__ void load(const Workspace*) {}

    __device__ __forceinline__ float4 at(const Workspace* row, int column) const {
        return loadQuad(row, column, Vocabulary, vector && column + 4 <= Vocabulary, -infinity());
    }

    template <int Gradients, int Smoothed>
    __device__ __forceinline__ Part read(const Workspace* row, float chosen, const Workspace*) const {
        Part part{-infinity(), 0.0f, 0.0f};
#pragma unroll 4
        for (int column = 4 * (int)threadIdx.x; column < Vocabulary; column += 4 * Threads) {
            float4 logit = at(row, column);
            float larger = fmaxf(part.most, maximum(logit));
            part.total = fmaf(part.total, quickExponential(part.most - larger), sumOfExponentials(logit, larger));
            part.most = larger;
            if constexpr (Smoothed) part.excess += excessOf(logit, chosen, column, Vocabulary);
        }
        return part;
    }

    template <class Gradient>
    __device__ __forceinline__ void replace(Workspace* row, int stride, const Gradient& gradient, const Workspace*) const {
#pragma unroll 4
        for (int column = 4 * (int)threadIdx.x; column < stride; column += 4 * Threads)
            storeQuad(row, column, stride, gradient(at(row, column), column), vector);
    }

    __device__ __forceinline__ void clear(Workspace* row, int stride) const {
        for (int column = 4 * (int)threadIdx.x; column < stride; column += 4 * Threads) storeQuad(row, column, stride, all<4>(0.0f), vector);
    }
};

// A block has a row, and then the one that is as many rows further as there are blocks. `stride` elements lie between rows; with gradients, those
// beyond the vocabulary become zero. Rows with a negative target are ignored. With smoothing, the mean loss of all tokens is larger than the target's
// by what their logits are smaller on average.
template <int Vocabulary, int Threads, int Packs, int Gradients, int Smoothed>
__global__ void __launch_bounds__(Threads)
crossEntropy(Workspace* logits, const Token* targets, const Statistic* weights, Statistic* losses, int rows, int stride, float smoothing) {
    __shared__ float maxima[Threads / WarpSize], sums[Threads / WarpSize], excesses[Smoothed ? Threads / WarpSize : 1];
    Row<Vocabulary, Threads, Packs> part(logits, stride);
    int row = (int)blockIdx.x, target = targets[row];
    part.load(logits + (long long)row * stride);

    while (row < rows) {
        Workspace* values = logits + (long long)row * stride;
        int following = row + (int)gridDim.x;
        const Workspace* next = following < rows ? logits + (long long)following * stride : nullptr;
        int nextTarget = next ? targets[following] : 0;

        if (target < 0) {
            if (threadIdx.x == 0) losses[row] = 0.0f;
            if (Gradients) part.clear(values, stride);
            part.load(next);
        } else {
            float chosen = toFloat(values[target]), weight = Gradients ? weights[row] : 0.0f;
            Part found = part.template read<Gradients, Smoothed>(values, chosen, next);
            float largest = blockMaximum<Threads>(found.most, maxima);
            float total = blockSum<Threads>(found.total * quickExponential(found.most - largest), sums);
            float excess = 0.0f;
            if constexpr (Smoothed) excess = blockSum<Threads>(found.excess, excesses) * (smoothing / Vocabulary);
            if (threadIdx.x == 0) {
                float loss = largest - chosen + logarithm(total);
                losses[row] = Smoothed ? loss + excess : loss;
            }
            if constexpr (Gradients) {
                float factor = weight / total, onTarget = Smoothed ? weight * (1.0f - smoothing) : weight, onAll = weight * smoothing / Vocabulary;
                part.replace(values, stride, GradientOf<Vocabulary, Smoothed>{largest, factor, onTarget, onAll, target}, next);
            }
        }
        row = following;
        target = nextTarget;
    }
}

}  // namespace head
