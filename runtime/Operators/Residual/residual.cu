// Sums with a branch behind dropout, element by element; an element's index in the mask is its place.

// y = residual + dropout(branch).
template <int Drop>
__global__ void residualAdd(const Activation* residual, const Activation* branch, Activation* y, long long count, int vector, DROPOUT_PARAMETERS) {
    DropoutMask mask = DROPOUT_MASK;
    forEachElement<Wide>(
        count, vector,
        [=](long long i) {
            auto b = load<Wide>(branch + i);
            if constexpr (Drop) b = drop(mask, b, i);
            store(y + i, load<Wide>(residual + i) + b);
        },
        [=](long long i) {
            float b = toFloat(branch[i]);
            if constexpr (Drop) b = drop(mask, b, i);
            store(y + i, toFloat(residual[i]) + b);
        });
}
