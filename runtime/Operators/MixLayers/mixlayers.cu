// The weighted sum of a model's layers, which lie one after the other, `count` numbers each, and its gradients. Comes after packs.cuh.
namespace mixing {

// softmax(weights), by every thread: they are few.
template <int Layers>
DEVICE void sharesOf(float (&shares)[Layers], const Parameter* weights) {
    float largest = -infinity(), total = 0.0f;
#pragma unroll
    for (int layer = 0; layer < Layers; layer++) largest = fmaxf(largest, toFloat(weights[layer]));
#pragma unroll
    for (int layer = 0; layer < Layers; layer++) total += shares[layer] = exponential(toFloat(weights[layer]) - largest);
#pragma unroll
    for (int layer = 0; layer < Layers; layer++) shares[layer] /= total;
}

// y = gamma x the sum of the layers, each by its share.
template <int Layers>
__global__ void mix(const Activation* layers, const Parameter* weights, const Parameter* gamma, Activation* y, long long count, int vector) {
    float shares[Layers];
    sharesOf(shares, weights);
    float scale = toFloat(*gamma);
    forEachElement(
        count, vector,
        [&](long long i) {
            float4 sum = make_float4(0.0f, 0.0f, 0.0f, 0.0f);
#pragma unroll
            for (int layer = 0; layer < Layers; layer++) sum = sum + load4(layers + layer * count + i) * shares[layer];
            store(y + i, sum * scale);
        },
        [&](long long i) {
            float sum = 0.0f;
#pragma unroll
            for (int layer = 0; layer < Layers; layer++) sum = fmaf(toFloat(layers[layer * count + i]), shares[layer], sum);
            store(y + i, sum * scale);
        });
}

// parts[block][layer] = the sum of dy x h over the block's part of the numbers.
template <int Layers, int Threads>
__global__ void sumParts(const Activation* dy, const Activation* layers, float* parts, long long count, long long part) {
    __shared__ float scratch[Layers][Threads / WarpSize];
    long long first = blockIdx.x * part, last = first + part < count ? first + part : count;
#pragma unroll
    for (int layer = 0; layer < Layers; layer++) {
        float sum = 0.0f;
        for (long long i = first + threadIdx.x; i < last; i += Threads) sum = fmaf(toFloat(dy[i]), toFloat(layers[layer * count + i]), sum);
        sum = blockSum<Threads>(sum, scratch[layer]);
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
    forEachElement(
        count, vector,
        [&](long long i) {
            float4 gradient = load4(dy + i) * scale;
#pragma unroll
            for (int layer = 0; layer < Layers; layer++) {
                Activation* to = dLayers + layer * count + i;
                store(to, Add ? load4(to) + gradient * shares[layer] : gradient * shares[layer]);
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
