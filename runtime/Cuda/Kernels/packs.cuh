// One number or neighbours at once, so that a kernel is written once for widths and addresses that are multiples of several and for the others.
// Comes after the prelude and roles.cuh.
#ifndef GPTGEN_PACKS
#define GPTGEN_PACKS

// Activations in 16 bytes, the most that is loaded at once.
[[maybe_unused]] constexpr int Wide = 16 / (int)sizeof(Activation);

struct float8 {
    float4 low, high;
};

DEVICE float8 operator+(float8 a, float8 b) { return float8{a.low + b.low, a.high + b.high}; }
DEVICE float8 operator-(float8 a, float8 b) { return float8{a.low - b.low, a.high - b.high}; }
DEVICE float8 operator*(float8 a, float8 b) { return float8{a.low * b.low, a.high * b.high}; }
DEVICE float8 operator*(float8 a, float b) { return float8{a.low * b, a.high * b}; }

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
template <>
struct PackOf<8> {
    using Type = float8;
};

// A float, a float4 or a float8.
template <int Vector>
using Pack = typename PackOf<Vector>::Type;

DEVICE float8 load8(const float* address) { return float8{load4(address), load4(address + 4)}; }
DEVICE float8 load8(const bf16* address) {
    uint4 pairs = *reinterpret_cast<const uint4*>(address);
    return float8{unpack4(uint2{pairs.x, pairs.y}), unpack4(uint2{pairs.z, pairs.w})};
}

DEVICE void store8(float* address, float8 value) {
    store4(address, value.low);
    store4(address + 4, value.high);
}
DEVICE void store8(bf16* address, float8 value) {
    uint2 low = pack4(value.low), high = pack4(value.high);
    *reinterpret_cast<uint4*>(address) = make_uint4(low.x, low.y, high.x, high.y);
}

template <int Vector, class T>
DEVICE Pack<Vector> load(const T* address) {
    if constexpr (Vector == 8)
        return load8(address);
    else if constexpr (Vector == 4)
        return load4(address);
    else
        return toFloat(*address);
}

template <class T>
DEVICE void store(T* address, float value) { assign(*address, value); }
template <class T>
DEVICE void store(T* address, float4 value) { store4(address, value); }
template <class T>
DEVICE void store(T* address, float8 value) { store8(address, value); }

// What a number is that went through an element of type T.
template <class T>
DEVICE float through(float value) {
    T element;
    assign(element, value);
    return toFloat(element);
}
template <class T>
DEVICE float4 through(float4 v) { return make_float4(through<T>(v.x), through<T>(v.y), through<T>(v.z), through<T>(v.w)); }
template <class T>
DEVICE float8 through(float8 v) { return float8{through<T>(v.low), through<T>(v.high)}; }

// The same number in each place.
template <int Vector>
DEVICE Pack<Vector> all(float value) {
    if constexpr (Vector == 8)
        return float8{all<4>(value), all<4>(value)};
    else if constexpr (Vector == 4)
        return make_float4(value, value, value, value);
    else
        return value;
}

// A function of each number.
template <class Function>
DEVICE float map(float value, Function function) { return function(value); }
template <class Function>
DEVICE float4 map(float4 v, Function function) { return make_float4(function(v.x), function(v.y), function(v.z), function(v.w)); }
template <class Function>
DEVICE float8 map(float8 v, Function function) { return float8{map(v.low, function), map(v.high, function)}; }

DEVICE float sum(float value) { return value; }
DEVICE float sum(float8 v) { return sum(v.low) + sum(v.high); }
DEVICE float maximum(float8 v) { return fmaxf(maximum(v.low), maximum(v.high)); }
DEVICE float dot(float a, float b) { return a * b; }
DEVICE float dot(float8 a, float8 b) { return dot(a.low, b.low) + dot(a.high, b.high); }

// Element by element: a thread has `Count` neighbours. They are worked on at once by `pack` where `vector` says that every address is aligned, and
// otherwise one after the other by `single`.
template <int Count, class Together, class Single>
DEVICE void forEachElement(long long count, int vector, Together pack, Single single) {
    long long first = Count * ((long long)blockIdx.x * blockDim.x + threadIdx.x);
    if (vector && first + Count <= count)
        pack(first);
    else
        for (long long i = first; i < first + Count && i < count; i++) single(i);
}

#endif
