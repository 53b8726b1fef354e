// (scores[e] - grades[e])² and, when asked for, its gradient; a thread an example.
template <int Gradients>
__global__ void squaredError(
    const Activation* scores, const Statistic* grades, const Statistic* weights, Statistic* losses, Activation* dScores, int examples) {
    int example = blockIdx.x * blockDim.x + threadIdx.x;
    if (example >= examples) return;
    float error = toFloat(scores[example]) - grades[example];
    losses[example] = error * error;
    if (Gradients) store(dScores + example, 2.0f * weights[example] * error);
}
