// The weighted sum of a model's layers, which lie one after the other, `count` numbers each, and its gradients. Where they are normalised,
// `moments` has a mean and 1 / deviation of each. Comes after packs.cuh.
namespace mixing {

// parts[block][layer] = how many numbers the rows that count have in the block's part of the rows, their mean, and the sum of their squared
// distances from it. A warp takes a row.
template <int Layers, int Threads>
__global__ void momentParts(const Activation* layers, const Token* lengths, float* parts, int rows, int width, int sequences, int length,
                            int partRows) {
    __shared__ float scratch[3 * Layers][Threads / WarpSize];
    int first = blockIdx.x * partRows, last = first + partRows < rows ? first + partRows : rows;
    auto counts = [&](int row) { return row % length < lengths[row / length % sequences]; };
#pragma unroll
    for (int layer = 0; layer < Layers; layer++) {
        const Activation* from = layers + (long long)layer * rows * width;
        float count = 0.0f, sum = 0.0f, distance = 0.0f;
        for (int row = first + warpIndex(); row < last; row += Threads / WarpSize) {
            if (!counts(row)) continue;
            if (laneIndex() == 0) count += width;
            for (int i = laneIndex(); i < width; i += WarpSize) sum += toFloat(from[(long long)row * width + i]);
        }
        count = blockSum<Threads>(count, scratch[3 * layer]);
        float mean = blockSum<Threads>(sum, scratch[3 * layer + 1]) / (count == 0.0f ? 1.0f : count);
        for (int row = first + warpIndex(); row < last; row += Threads / WarpSize) {
            if (!counts(row)) continue;
            for (int i = laneIndex(); i < width; i += WarpSize) {
                float difference = toFloat(from[(long long)row * width + i]) - mean;
                distance = fmaf(difference, difference, distance);
            }
        }
        distance = blockSum<Threads>(distance, scratch[3 * layer + 2]);
        if (threadIdx.x == 0) {
            float* to = parts + 3 * ((long long)blockIdx.x * Layers + layer);
            to[0] = count, to[1] = mean, to[2] = distance;
        }
    }
}

// The moments of whole layers, a thread each; 0 and 0 where no row counts. Chan, Golub and LeVeque (1979).
template <int Layers>
__global__ void joinMoments(const float* parts, int partCount, float* moments, float epsilon) {
    int layer = threadIdx.x;
    float count = 0.0f, mean = 0.0f, distance = 0.0f;
    for (int block = 0; block < partCount; block++) {
        const float* from = parts + 3 * ((long long)block * Layers + layer);
        if (from[0] == 0.0f) continue;
        float share = from[0] / (count + from[0]), difference = from[1] - mean;
        distance += from[2] + difference * difference * count * share;
        mean = fmaf(difference, share, mean);
        count += from[0];
    }
    moments[2 * layer] = mean;
    moments[2 * layer + 1] = count == 0.0f ? 0.0f : 1.0f / sqrtf(distance / count + epsilon);
}

// softmax(weights), by every thread: they are few.
template <int Layers>
DEVICE void sharesOf(float (&shares)[Layers], const Parameter* weights) {
    float largest = -infinity(), total = 0.0f;
#pragma unroll
    for (int layer = 0; layer < Layers; layer++) largest = fmaxf(largest, toFloat(weights[layer]));
#pragma unroll
    for (int layer = 0; layer < Layers; layer++) total += shares[layer] = quickExponential(toFloat(weights[layer]) - largest);
#pragma unroll
    for (int layer = 0; layer < Layers; layer++) shares[layer] /= total;
}

// y = gamma x the sum of the layers, each by its share.
template <int Layers, int Normalized>
__global__ void mix(const Activation* layers, const Parameter* weights, const Parameter* gamma, const float* moments, Activation* y,
                    long long count, int vector) {
    float shares[Layers], offset = 0.0f;
    sharesOf(shares, weights);
    if constexpr (Normalized) {
#pragma unroll
        for (int layer = 0; layer < Layers; layer++) {
            shares[layer] *= moments[2 * layer + 1];
            offset = fmaf(-shares[layer], moments[2 * layer], offset);
        }
    }
    float scale = toFloat(*gamma);
    forEachElement<Wide>(
        count, vector,
        [&](long long i) {
            Pack<Wide> sum = all<Wide>(offset);
#pragma unroll
            for (int layer = 0; layer < Layers; layer++) sum = sum + load<Wide>(layers + layer * count + i) * shares[layer];
            store(y + i, sum * scale);
        },
        [&](long long i) {
            float sum = offset;
#pragma unroll
            for (int layer = 0; layer < Layers; layer++) sum = fmaf(toFloat(layers[layer * count + i]), shares[layer], sum);
            store(y + i, sum * scale);
        });
}

// parts[block][layer] = the sum of dy x h over the block's part of the numbers.
template <int Layers, int Threads, int Normalized>
__global__ void sumParts(const Activation* dy, const Activation* layers, const float* moments, float* parts, long long count, long long part) {
    __shared__ float scratch[Layers][Threads / WarpSize];
    long long first = blockIdx.x * part, last = first + part < count ? first + part : count;
#pragma unroll
    for (int layer = 0; layer < Layers; layer++) {
        float sum = 0.0f, mean = Normalized ? moments[2 * layer] : 0.0f;
        for (long long i = first + threadIdx.x; i < last; i += Threads) sum = fmaf(toFloat(dy[i]), toFloat(layers[layer * count + i]) - mean, sum);
        sum = blockSum<Threads>(sum, scratch[layer]);
        if constexpr (Normalized) sum *= moments[2 * layer + 1];
        if (threadIdx.x == 0) parts[blockIdx.x * Layers + layer] = sum;
    }
}

// The gradients of weights and gamma, by one thread.
template <int Layers>
__global__ void parameters(const float* parts, int partCount, const Parameter* weights, const Parameter* gamma, Gradient* dWeights,
                           Gradient* dGamma, int add) {
    float shares[Layers], sums[Layers], mean = 0.0f;
    sharesOf(shares, weights);
#pragma unroll
    for (int layer = 0; layer < Layers; layer++) {
        sums[layer] = 0.0f;
        for (int part = 0; part < partCount; part++) sums[layer] += parts[part * Layers + layer];
        mean = fmaf(shares[layer], sums[layer], mean);
    }
    float scale = toFloat(*gamma);
#pragma unroll
    for (int layer = 0; layer < Layers; layer++)
        store(dWeights + layer, (add ? toFloat(dWeights[layer]) : 0.0f) + scale * shares[layer] * (sums[layer] - mean));
    store(dGamma, (add ? toFloat(*dGamma) : 0.0f) + mean);
}

// dh = gamma x share x dy, for each layer.
template <int Layers, int Add>
__global__ void layersBackward(const Activation* dy, const Parameter* weights, const Parameter* gamma, Activation* dLayers, long long count,
                               int vector) {
    float shares[Layers];
    sharesOf(shares, weights);
    float scale = toFloat(*gamma);
    forEachElement<Wide>(
        count, vector,
        [&](long long i) {
            Pack<Wide> gradient = load<Wide>(dy + i) * scale;
#pragma unroll
            for (int layer = 0; layer < Layers; layer++) {
                Activation* to = dLayers + layer * count + i;
                store(to, Add ? load<Wide>(to) + gradient * shares[layer] : gradient * shares[layer]);
            }
        },
        [&](long long i) {
            float gradient = toFloat(dy[i]) * scale;
#pragma unroll
            for (int layer = 0; layer < Layers; layer++) {
                Activation* to = dLayers + layer * count + i;
                store(to, Add ? fmaf(gradient, shares[layer], toFloat(*to)) : gradient * shares[layer]);
            }
        });
}

}  // namespace mixing
