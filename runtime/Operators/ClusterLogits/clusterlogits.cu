// Log probabilities, among all tokens, of those in one cluster of a vocabulary: a block a row, maximum and sum in one pass (Milakov and Gimelshein,
// "Online normalizer calculation for softmax", 2018).
namespace clusters {

// The first `columns` stand for other clusters and become log probabilities in their place; a negative `column` is the head's own call.
template <int Threads>
__global__ void __launch_bounds__(Threads) logProbabilities(
    Logit* logits, const Logit* head, Logit* y, int size, int stride, int columns, int column, int headStride, int first, int yStride) {
    __shared__ float maxima[Threads / WarpSize], sums[Threads / WarpSize];
    Logit* values = logits + (long long)blockIdx.x * stride;
    Logit* to = y + (long long)blockIdx.x * yStride + first - columns;
    float prior = column < 0 ? 0.0f : toFloat(head[(long long)blockIdx.x * headStride + column]);
    float most = -infinity(), total = 0.0f;
    for (int i = (int)threadIdx.x; i < size; i += Threads) {
        float value = toFloat(values[i]), larger = fmaxf(most, value);
        total = fmaf(total, exponential(most - larger), exponential(value - larger));
        most = larger;
    }
    float largest = blockMaximum<Threads>(most, maxima);
    total = blockSum<Threads>(total * exponential(most - largest), sums);
    float shift = prior - (largest + logarithm(total));
    for (int i = (int)threadIdx.x; i < size; i += Threads) store((i < columns ? values : to) + i, toFloat(values[i]) + shift);
}

}  // namespace clusters
