// The loss of each sequence's positions by one column of scores and, when asked for, its gradient; a warp a sequence and column.
namespace positions {

template <int Gradients>
__global__ void crossEntropy(
    const Activation* scores, const Token* lengths, const Token* targets, const Statistic* weights, Statistic* losses, Activation* dScores,
    int places, int length, int columns) {
    int place = blockIdx.x * (blockDim.x / WarpSize) + warpIndex();
    if (place >= places) return;
    int sequence = place / columns, count = lengths[sequence], target = targets[place];
    long long first = (long long)sequence * length * columns + place % columns;
    float largest = -infinity(), total = 0.0f;
    for (int row = laneIndex(); row < count; row += WarpSize) largest = fmaxf(largest, toFloat(scores[first + (long long)row * columns]));
    largest = warpMaximum(largest);
    for (int row = laneIndex(); row < count; row += WarpSize) total += quickExponential(toFloat(scores[first + (long long)row * columns]) - largest);
    total = warpSum(total);
    if (laneIndex() == 0)
        losses[place] = count == 0 ? 0.0f : largest - toFloat(scores[first + (long long)target * columns]) + logarithm(total);
    if (!Gradients) return;
    float weight = weights[place], factor = weight / total;
    for (int row = laneIndex(); row < length; row += WarpSize) {
        long long index = first + (long long)row * columns;
        store(
            dScores + index,
            row < count ? factor * quickExponential(toFloat(scores[index]) - largest) - (row == target ? weight : 0.0f) : 0.0f);
    }
}

}  // namespace positions
