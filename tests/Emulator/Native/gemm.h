// A matrix product as cuBLAS defines it: columns are contiguous, C = alpha op(A) op(B) + beta C.
#pragma once
#include <cstddef>

namespace emulator {

enum class Element { F32, F16, BF16 };
enum class Rounding { None, Tf32, Bf16, F16 };  // what happens to the inputs before they are multiplied

size_t elementBytes(Element type);

struct Matrix {
    void* data;
    Element type;
    int leading;
};

struct Product {
    bool transposeA, transposeB;
    int m, n, k;
    float alpha, beta;
    Matrix a, b, c;
    Rounding rounding;
};

// Sums in f32.
void multiply(const Product& product);

}  // namespace emulator
