// The loss of each row of logits and, when asked for, its gradient in the logits' place. A block has a row: one pass for maximum and sum together (Milakov and
// Gimelshein, "Online normalizer calculation for softmax", 2018), a second one for the gradient. Comes after quads.cuh.
namespace head {

// `stride` elements lie between rows; with gradients, those beyond the vocabulary become zero. Rows with a negative target are ignored.
template <int Vocabulary, int Threads, int Gradients>
__global__ void __launch_bounds__(Threads)
crossEntropy(Workspace* logits, const Token* targets, const Statistic* weights, Statistic* losses, int stride) {
    __shared__ float maxima[Threads / WarpSize], sums[Threads / WarpSize];
    int row = (int)blockIdx.x, target = targets[row], first = 4 * (int)threadIdx.x;
    Workspace* values = logits + (long long)row * stride;
    bool vector = isVector(logits, stride);

    if (target < 0) {
        if (threadIdx.x == 0) losses[row] = 0.0f;
        if (Gradients)
            for (int column = first; column < stride; column += 4 * Threads) storeQuad(values, column, stride, make_float4(0.0f, 0.0f, 0.0f, 0.0f), vector);
        return;
    }

    float most = -infinity(), total = 0.0f;
#pragma unroll 4
    for (int column = first; column < Vocabulary; column += 4 * Threads) {
        float4 logit = loadQuad(values, column, Vocabulary, vector && column + 4 <= Vocabulary, -infinity());
        float larger = fmaxf(most, maximum(logit));
        total = fmaf(total, exponential(most - larger), (exponential(logit.x - larger) + exponential(logit.y - larger)) +
                                                           (exponential(logit.z - larger) + exponential(logit.w - larger)));
        most = larger;
    }
    float chosen = toFloat(values[target]);
    float largest = blockMaximum<Threads>(most, maxima);
    total = blockSum<Threads>(total * exponential(most - largest), sums);
    if (threadIdx.x == 0) losses[row] = largest - chosen + logarithm(total);
    if (!Gradients) return;

    float weight = weights[row], factor = weight / total;
#pragma unroll 4
    for (int column = first; column < stride; column += 4 * Threads) {
        float4 logit = loadQuad(values, column, Vocabulary, vector && column + 4 <= Vocabulary, -infinity());
        float4 gradient = make_float4(exponential(logit.x - largest), exponential(logit.y - largest), exponential(logit.z - largest),
                                      exponential(logit.w - largest)) * factor;
        if (column == target) gradient.x -= weight;
        if (column + 1 == target) gradient.y -= weight;
        if (column + 2 == target) gradient.z -= weight;
        if (column + 3 == target) gradient.w -= weight;
        storeQuad(values, column, stride, gradient, vector);
    }
}

}  // namespace head
