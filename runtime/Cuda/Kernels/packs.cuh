// One number or four at a time, so that a kernel is written once for widths and addresses that are multiples of four and for the others.
// Comes after the prelude.
#ifndef GPTGEN_PACKS
#define GPTGEN_PACKS

template <int Vector>
struct PackOf;
template <>
struct PackOf<1> {
    using Type = float;
};
template <>
struct PackOf<4> {
    using Type = float4;
};

// A float, or a float4.
template <int Vector>
using Pack = typename PackOf<Vector>::Type;

template <int Vector, class T>
DEVICE Pack<Vector> load(const T* address) {
    if constexpr (Vector == 4)
        return load4(address);
    else
        return toFloat(*address);
}

template <class T>
DEVICE void store(T* address, float value) { assign(*address, value); }
template <class T>
DEVICE void store(T* address, float4 value) { store4(address, value); }

// The same number in each place.
template <int Vector>
DEVICE Pack<Vector> all(float value) {
    if constexpr (Vector == 4)
        return make_float4(value, value, value, value);
    else
        return value;
}

DEVICE float sum(float value) { return value; }
DEVICE float dot(float a, float b) { return a * b; }

// Element by element: a thread has four neighbours. They are worked on at once by `quad` where `vector` says that every address is a multiple of four
// elements, and otherwise one after the other by `single`.
template <class Quad, class Single>
DEVICE void forEachElement(long long count, int vector, Quad quad, Single single) {
    long long first = 4 * ((long long)blockIdx.x * blockDim.x + threadIdx.x);
    if (vector && first + 4 <= count)
        quad(first);
    else
        for (long long i = first; i < first + 4 && i < count; i++) single(i);
}

#endif
