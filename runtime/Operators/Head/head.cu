// The loss of each row of logits and, when asked for, its gradient in the logits' place. A block has a row: one pass for maximum and sum together
// (Milakov and Gimelshein, "Online normalizer calculation for softmax", 2018), a second one for the gradient. Comes after quads.cuh.
namespace head {

// The sum of those of four numbers that stand before `end`.
DEVICE float sumBefore(float4 v, int column, int end) {
    return ((column < end ? v.x : 0.0f) + (column + 1 < end ? v.y : 0.0f)) + ((column + 2 < end ? v.z : 0.0f) + (column + 3 < end ? v.w : 0.0f));
}

// `stride` elements lie between rows; with gradients, those beyond the vocabulary become zero. Rows with a negative target are ignored. With
// smoothing, the mean loss of all tokens is larger than the target's by what their logits are smaller on average.
template <int Vocabulary, int Threads, int Gradients, int Smoothed>
__global__ void __launch_bounds__(Threads)
crossEntropy(Workspace* logits, const Token* targets, const Statistic* weights, Statistic* losses, int stride, float smoothing) {
    __shared__ float maxima[Threads / WarpSize], sums[Threads / WarpSize], excesses[Smoothed ? Threads / WarpSize : 1];
    int row = (int)blockIdx.x, target = targets[row], first = 4 * (int)threadIdx.x;
    Workspace* values = logits + (long long)row * stride;
    bool vector = isVector(logits, stride);

    if (target < 0) {
        if (threadIdx.x == 0) losses[row] = 0.0f;
        if (Gradients)
            for (int column = first; column < stride; column += 4 * Threads) storeQuad(
                values, column, stride, make_float4(0.0f, 0.0f, 0.0f, 0.0f), vector);
        return;
    }

    float chosen = toFloat(values[target]);
    float most = -infinity(), total = 0.0f, excess = 0.0f;
#pragma unroll 4
    for (int column = first; column < Vocabulary; column += 4 * Threads) {
        float4 logit = loadQuad(values, column, Vocabulary, vector && column + 4 <= Vocabulary, -infinity());
        float larger = fmaxf(most, maximum(logit));
        total = fmaf(total, quickExponential(most - larger), (quickExponential(logit.x - larger) + quickExponential(logit.y - larger)) +
                                                           (quickExponential(logit.z - larger) + quickExponential(logit.w - larger)));
        most = larger;
        if constexpr (Smoothed) excess += sumBefore(make_float4(chosen, chosen, chosen, chosen) - logit, column, Vocabulary);
    }
    float largest = blockMaximum<Threads>(most, maxima);
    total = blockSum<Threads>(total * quickExponential(most - largest), sums);
    if constexpr (Smoothed) excess = blockSum<Threads>(excess, excesses) * (smoothing / Vocabulary);
    if (threadIdx.x == 0) {
        float loss = largest - chosen + logarithm(total);
        losses[row] = Smoothed ? loss + excess : loss;
    }
    if (!Gradients) return;

    float weight = weights[row], factor = weight / total;
    float onTarget = Smoothed ? weight * (1.0f - smoothing) : weight, onAll = weight * smoothing / Vocabulary;
#pragma unroll 4
    for (int column = first; column < stride; column += 4 * Threads) {
        float4 logit = loadQuad(values, column, Vocabulary, vector && column + 4 <= Vocabulary, -infinity());
        float4 gradient = make_float4(quickExponential(logit.x - largest), quickExponential(logit.y - largest), quickExponential(logit.z - largest),
                                      quickExponential(logit.w - largest)) * factor;
        if constexpr (Smoothed)
            gradient = gradient - make_float4(column < Vocabulary ? onAll : 0.0f, column + 1 < Vocabulary ? onAll : 0.0f,
                                              column + 2 < Vocabulary ? onAll : 0.0f, column + 3 < Vocabulary ? onAll : 0.0f);
        if (column == target) gradient.x -= onTarget;
        if (column + 1 == target) gradient.y -= onTarget;
        if (column + 2 == target) gradient.z -= onTarget;
        if (column + 3 == target) gradient.w -= onTarget;
        storeQuad(values, column, stride, gradient, vector);
    }
}

}  // namespace head
