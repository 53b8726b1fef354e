// Sums with a branch behind dropout, element by element; an element's index in the mask is its place.

// y = residual + dropout(branch): activations, or gradients of shares, which are f32 where activations are bf16.
template <int Role, int Drop>
__global__ void residualAdd(const ElementOf<Role>* residual, const ElementOf<Role>* branch, ElementOf<Role>* y, long long count, int vector,
                            DROPOUT_PARAMETERS) {
    constexpr int Together = 16 / (int)sizeof(ElementOf<Role>);
    DropoutMask mask = DROPOUT_MASK;
    forEachElement<Together>(
        count, vector,
        [=](long long i) {
            auto b = load<Together>(branch + i);
            if constexpr (Drop) b = drop(mask, b, i);
            store(y + i, load<Together>(residual + i) + b);
        },
        [=](long long i) {
            float b = toFloat(branch[i]);
            if constexpr (Drop) b = drop(mask, b, i);
            store(y + i, toFloat(residual[i]) + b);
        });
}
