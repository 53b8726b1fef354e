// The loss of each example's scores and, when asked for, its gradient; a warp an example, whose classes are few.
namespace scores {

template <int Gradients>
__global__ void crossEntropy(
    const Activation* scores, const Token* labels, const Statistic* weights, Statistic* losses, Activation* dScores, int examples, int classes) {
    int example = blockIdx.x * (blockDim.x / WarpSize) + warpIndex();
    if (example >= examples) return;
    const Activation* row = scores + (long long)example * classes;
    int label = labels[example];
    float largest = -infinity(), total = 0.0f;
    for (int column = laneIndex(); column < classes; column += WarpSize) largest = fmaxf(largest, toFloat(row[column]));
    largest = warpMaximum(largest);
    for (int column = laneIndex(); column < classes; column += WarpSize) total += quickExponential(toFloat(row[column]) - largest);
    total = warpSum(total);
    if (laneIndex() == 0) losses[example] = largest - toFloat(row[label]) + logarithm(total);
    if (!Gradients) return;
    float weight = weights[example], factor = weight / total;
    for (int column = laneIndex(); column < classes; column += WarpSize)
        store(
            dScores + (long long)example * classes + column,
            factor * quickExponential(toFloat(row[column]) - largest) - (column == label ? weight : 0.0f));
}

}  // namespace scores
