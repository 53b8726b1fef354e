// Activation functions, element by element. Comes after activation.cuh.

// y = f(x).
template <int Function>
__global__ void activate(const Activation* x, Activation* y, long long count, int vector) {
    forEachElement<Wide>(
        count, vector,
        [=](long long i) { store(y + i, map(load<Wide>(x + i), [](float v) { return value<Function>(v); })); },
        [=](long long i) { store(y + i, value<Function>(toFloat(x[i]))); });
}

// dx = dy f'(x); dx may be dy.
template <int Function>
__global__ void activateBackward(const Activation* x, const Activation* dy, Activation* dx, long long count, int vector) {
    forEachElement<Wide>(
        count, vector,
        [=](long long i) { store(dx + i, load<Wide>(dy + i) * map(load<Wide>(x + i), [](float v) { return slope<Function>(v); })); },
        [=](long long i) { store(dx + i, toFloat(dy[i]) * slope<Function>(toFloat(x[i]))); });
}
