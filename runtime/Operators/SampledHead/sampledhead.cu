// The softmax among a row's target and some sampled tokens, the same for all rows; around products by cuBLAS.
namespace sampled {

// The samples' rows of the table, side by side; x counts samples, y runs of columns.
__global__ void gather(const Parameter* table, const Token* samples, Parameter* rows, int width) {
    int column = (int)(blockIdx.y * blockDim.x + threadIdx.x);
    if (column >= width) return;
    rows[(long long)blockIdx.x * width + column] = table[(long long)samples[blockIdx.x] * width + column];
}

// The loss of a block's row and the gradients of its scores, which take the scores' place where they have the same type; the target's stands apart.
template <int Threads>
__global__ void losses(const Activation* x, const Parameter* table, const Parameter* bias, const Token* targets, const Statistic* weights,
                       const Token* samples, const Statistic* logs, const Statistic* targetLogs, float* scores, Activation* dScores,
                       Statistic* losses, float* dTargets, int count, int width) {
    __shared__ float products[Threads / WarpSize], maxima[Threads / WarpSize], sums[Threads / WarpSize];
    long long row = blockIdx.x;
    float* own = scores + row * count;
    Activation* gradients = dScores + row * count;
    int target = targets[row];
    if (target < 0) {
        for (int i = threadIdx.x; i < count; i += Threads) store(gradients + i, 0.0f);
        if (threadIdx.x == 0) losses[row] = dTargets[row] = 0.0f;
        return;
    }
    float product = 0.0f, largest = -infinity(), sum = 0.0f;
    for (int i = threadIdx.x; i < width; i += Threads)
        product = fmaf(toFloat(x[row * width + i]), toFloat(table[(long long)target * width + i]), product);
    float score = blockSum<Threads>(product, products) + (bias == nullptr ? 0.0f : toFloat(bias[target])) - targetLogs[row];
    for (int i = threadIdx.x; i < count; i += Threads) {
        int token = samples[i];
        // A sample that is the target itself has no share.
        own[i] = token == target ? -infinity() : own[i] + (bias == nullptr ? 0.0f : toFloat(bias[token])) - logs[i];
        largest = fmaxf(largest, own[i]);
    }
    largest = fmaxf(score, blockMaximum<Threads>(largest, maxima));
    for (int i = threadIdx.x; i < count; i += Threads) sum += own[i] = quickExponential(own[i] - largest);
    float mine = quickExponential(score - largest);
    sum = blockSum<Threads>(sum, sums) + mine;
    float factor = weights[row] / sum;
    for (int i = threadIdx.x; i < count; i += Threads) store(gradients + i, own[i] * factor);
    if (threadIdx.x == 0) {
        losses[row] = largest - score + logarithm(sum);
        dTargets[row] = factor * (mine - sum);
    }
}

// dx = what the samples give + what the target gives; x counts rows, y runs of columns.
__global__ void inputs(const Parameter* table, const Token* targets, const float* dTargets, const float* products, Activation* dx, int width) {
    int column = (int)(blockIdx.y * blockDim.x + threadIdx.x), target = targets[blockIdx.x];
    if (column >= width) return;
    long long place = (long long)blockIdx.x * width + column;
    float value = target < 0 ? 0.0f : products[place] + dTargets[blockIdx.x] * toFloat(table[(long long)target * width + column]);
    store(dx + place, value);
}

// The gradients of the samples' biases, in the order of the rows: a thread has a sample.
__global__ void biases(const Activation* dScores, float* dBiases, int rows, int count, int add) {
    int i = (int)(blockIdx.x * blockDim.x + threadIdx.x);
    if (i >= count) return;
    float sum = add ? dBiases[i] : 0.0f;
    for (int row = 0; row < rows; row++) sum += toFloat(dScores[(long long)row * count + i]);
    dBiases[i] = sum;
}

// Adds the gradients of the samples' rows to the table's, and those of their biases; no sample is there twice.
__global__ void samplesBackward(const Token* samples, const float* dRows, const float* dBiases, Gradient* dTable, Gradient* dBias, int width) {
    int column = (int)(blockIdx.y * blockDim.x + threadIdx.x), sample = samples[blockIdx.x];
    if (column >= width) return;
    Gradient* to = dTable + (long long)sample * width + column;
    store(to, toFloat(*to) + dRows[(long long)blockIdx.x * width + column]);
    if (column == 0 && dBias != nullptr) store(dBias + sample, toFloat(dBias[sample]) + dBiases[blockIdx.x]);
}

// The same of the targets: the first row with a target adds up for all of them, in their order.
__global__ void targetsBackward(const Activation* x, const Token* targets, const float* dTargets, Gradient* dTable, Gradient* dBias, int rows,
                                int width) {
    int column = (int)(blockIdx.y * blockDim.x + threadIdx.x), first = (int)blockIdx.x, target = targets[first];
    if (column >= width || target < 0) return;
    for (int row = 0; row < first; row++)
        if (targets[row] == target) return;
    float sum = 0.0f, total = 0.0f;
    for (int row = first; row < rows; row++) {
        if (targets[row] != target) continue;
        sum = fmaf(dTargets[row], toFloat(x[(long long)row * width + column]), sum);
        total += dTargets[row];
    }
    Gradient* to = dTable + (long long)target * width + column;
    store(to, toFloat(*to) + sum);
    if (column == 0 && dBias != nullptr) store(dBias + target, toFloat(dBias[target]) + total);
}

}  // namespace sampled
