// A highway layer behind its linear maps: rows of `gates` are the transformed rows and the carry gate, side by side. A thread has one number of one
// row: x counts rows, y runs of numbers.
namespace highway {

#define HIGHWAY_NUMBER                                                       \
    int i = (int)(blockIdx.y * blockDim.x + threadIdx.x);                    \
    if (i >= width) return;                                                  \
    long long own = (long long)blockIdx.x * width + i;                       \
    long long place = 2 * (long long)blockIdx.x * width + i;                 \
    float transformed = toFloat(gates[place]), input = toFloat(x[own]);      \
    float gate = sigmoid(toFloat(gates[place + width]));

__global__ void forward(const Activation* gates, const Activation* x, Activation* y, int width) {
    HIGHWAY_NUMBER
    store(y + own, fmaf(gate, fmaxf(transformed, 0.0f) - input, input));
}

// dGates may be gates, dx may be dy or null.
__global__ void backward(const Activation* dy, const Activation* gates, const Activation* x, Activation* dGates, Activation* dx, int add, int width) {
    HIGHWAY_NUMBER
    float gradient = toFloat(dy[own]), through = gradient * gate, rest = 1.0f - gate;
    store(dGates + place, transformed > 0.0f ? through : 0.0f);
    store(dGates + place + width, through * (fmaxf(transformed, 0.0f) - input) * rest);
    if (dx != nullptr) store(dx + own, (add ? toFloat(dx[own]) : 0.0f) + gradient * rest);
}

}  // namespace highway
