// Copies or, with `Add`, adds the elements [first, first + count) of each sequence of one tensor to those of another; the sequences are lengths
// apart.
template <int Vector, int Add>
__global__ void copySlices(const Activation* source, Activation* target, long long sourceLength, long long sourceFirst, long long targetLength,
                           long long targetFirst, long long count) {
    const Activation* from = source + blockIdx.y * sourceLength + sourceFirst;
    Activation* to = target + blockIdx.y * targetLength + targetFirst;
    long long first = (long long)Wide * (blockIdx.x * (long long)blockDim.x + threadIdx.x);
    for (long long i = first; i < min(first + Wide, count); i += Vector) {
        Pack<Vector> value = load<Vector>(from + i);
        if constexpr (Add) value = value + load<Vector>(to + i);
        store(to + i, value);
    }
}
