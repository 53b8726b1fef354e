// The norm of all gradients in two stages, and AdamW in one pass, which also rounds the weights where they are computed with in a smaller type.

// The sum of a double over a block of `Threads`; the result is in every thread.
template <int Threads>
DEVICE double blockSumOfDoubles(double value, double* scratch) {
    scratch[threadIdx.x] = value;
#pragma unroll
    for (int half = Threads / 2; half > 0; half /= 2) {
        __syncthreads();
        if ((int)threadIdx.x < half) scratch[threadIdx.x] += scratch[threadIdx.x + half];
    }
    __syncthreads();
    return scratch[0];
}

// sums[block] = the sum of squares of `Threads` x 64 gradients, in double precision; their order depends on nothing but `count`.
template <int Threads>
__global__ void squareSums(const Gradient* gradients, long long count, int vector, double* sums) {
    __shared__ double scratch[Threads];
    const int PerThread = 64;
    long long end = min(count, (long long)(blockIdx.x + 1) * Threads * PerThread);
    double total = 0;
    for (long long i = (long long)blockIdx.x * Threads * PerThread + 4 * threadIdx.x; i < end; i += 4 * Threads) {
        if (vector && i + 4 <= end) {
            float4 g = load4(gradients + i);
            total = fma((double)g.x, (double)g.x, total);
            total = fma((double)g.y, (double)g.y, total);
            total = fma((double)g.z, (double)g.z, total);
            total = fma((double)g.w, (double)g.w, total);
        } else {
            for (long long j = i; j < i + 4 && j < end; j++) {
                double g = toFloat(gradients[j]);
                total = fma(g, g, total);
            }
        }
    }
    total = blockSumOfDoubles<Threads>(total, scratch);
    if (threadIdx.x == 0) sums[blockIdx.x] = total;
}

// norm = sqrt(the sum of the sums); one block.
template <int Threads>
__global__ void normOfSums(const double* sums, int count, Statistic* norm) {
    __shared__ double scratch[Threads];
    double total = 0;
    for (int i = threadIdx.x; i < count; i += Threads) total += sums[i];
    total = blockSumOfDoubles<Threads>(total, scratch);
    if (threadIdx.x == 0) *norm = (float)sqrt(total);
}

struct AdamW {
    float scale, beta1, beta2, rate, unbias, epsilon;
};

DEVICE void update(const AdamW& step, float& p, float g, float& m, float& v, float keepShare) {
    g *= step.scale;
    m = fmaf(m, step.beta1, g * (1.0f - step.beta1));
    v = fmaf(v, step.beta2, g * g * (1.0f - step.beta2));
    p = p * keepShare - m * step.rate / (sqrtf(v * step.unbias) + step.epsilon);
}

// One step over all weights; those before `decayed` decay. `rate` and `unbias` have the corrections of the moments' bias in them. With `Rounds`,
// `parameters` become the weights rounded; otherwise they are the weights.
template <int Rounds>
__global__ void adamW(Master* weights, Parameter* parameters, const Gradient* gradients, Moment* first, Moment* second, const Statistic* norm,
                      long long count, long long decayed, int vector, float clip, float beta1, float beta2, float rate, float unbias, float epsilon,
                      float decayedShare) {
    AdamW step = {clip > 0.0f ? fminf(1.0f, clip / (*norm + 1e-6f)) : 1.0f, beta1, beta2, rate, unbias, epsilon};
    forEachElement<4>(
        count, vector,
        [=](long long i) {
            float4 p = load4(weights + i), g = load4(gradients + i), m = load4(first + i), v = load4(second + i);
            update(step, p.x, g.x, m.x, v.x, i < decayed ? decayedShare : 1.0f);
            update(step, p.y, g.y, m.y, v.y, i + 1 < decayed ? decayedShare : 1.0f);
            update(step, p.z, g.z, m.z, v.z, i + 2 < decayed ? decayedShare : 1.0f);
            update(step, p.w, g.w, m.w, v.w, i + 3 < decayed ? decayedShare : 1.0f);
            store(first + i, m);
            store(second + i, v);
            store(weights + i, p);
            if constexpr (Rounds) store(parameters + i, p);
        },
        [=](long long i) {
            float p = weights[i], m = toFloat(first[i]), v = toFloat(second[i]);
            update(step, p, toFloat(gradients[i]), m, v, i < decayed ? decayedShare : 1.0f);
            store(first + i, m);
            store(second + i, v);
            store(weights + i, p);
            if constexpr (Rounds) store(parameters + i, p);
        });
}
