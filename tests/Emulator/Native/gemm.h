// A matrix product as cuBLAS defines it: columns are contiguous, D = ending(alpha op(A) op(B) + beta C).
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

// What happens to the sums before they are stored, in this order.
struct Ending {
    bool bias = false;          // vector[row] is added
    bool keepsInput = false;    // the value is stored in `input` as well
    bool relu = false, gelu = false;
    bool geluBackward = false;  // the value is multiplied with the slope of GELU at `input`
    bool sumsB = false;         // vector[column] becomes the sum of op(B) over its rows
    void* vector = nullptr;
    Element vectorType = Element::F32;
    Matrix input{};
};

struct Product {
    bool transposeA, transposeB;
    int m, n, k;
    float alpha, beta;
    Matrix a, b, c;
    Rounding rounding;
    Matrix d{};
    Ending ending{};
};

// Sums in f32.
void multiply(const Product& product);

}  // namespace emulator
