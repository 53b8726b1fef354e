#include "gemm.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

#include "rounding.h"

namespace emulator {
namespace {

// Eight floats; the compiler splits it where the processor has no such registers.
typedef float Lanes __attribute__((vector_size(32), aligned(4), may_alias));
constexpr int LaneCount = 8;

constexpr int Rows = 2 * LaneCount, Columns = 4;  // of the block of C whose sums stay in registers

float load(const Matrix& matrix, size_t index) {
    switch (matrix.type) {
        case Element::F32: return static_cast<const float*>(matrix.data)[index];
        case Element::BF16: return bf16ToFloat(static_cast<const uint16_t*>(matrix.data)[index]);
        default: return halfToFloat(static_cast<const uint16_t*>(matrix.data)[index]);
    }
}

void store(const Matrix& matrix, size_t index, float value) {
    switch (matrix.type) {
        case Element::F32: static_cast<float*>(matrix.data)[index] = value; break;
        case Element::BF16: static_cast<uint16_t*>(matrix.data)[index] = floatToBf16(value); break;
        default: static_cast<uint16_t*>(matrix.data)[index] = floatToHalf(value); break;
    }
}

float applyRounding(float value, Rounding rounding) {
    switch (rounding) {
        case Rounding::Tf32: return roundToTf32(value);
        case Rounding::Bf16: return roundToBf16(value);
        case Rounding::F16: return halfToFloat(floatToHalf(value));
        default: return value;
    }
}

// Panels of `width` lines along the outer dimension, each with all of k, filled up with zeros.
std::vector<float> pack(const Matrix& matrix, int lines, int k, int width, bool linesAreRows, Rounding rounding) {
    std::vector<float> packed(size_t(lines + width - 1) / width * width * k);
    for (int line = 0; line < lines; line++) {
        float* panel = &packed[size_t(line / width) * width * k + line % width];
        for (int i = 0; i < k; i++) {
            size_t index = linesAreRows ? size_t(i) * matrix.leading + line : size_t(line) * matrix.leading + i;
            panel[size_t(i) * width] = applyRounding(load(matrix, index), rounding);
        }
    }
    return packed;
}

// The sums of one block of C, from a panel of each operand.
void multiplyBlock(const float* left, const float* right, int k, float (&sums)[Columns][Rows]) {
    Lanes total[Columns][2] = {};
    for (int i = 0; i < k; i++, left += Rows, right += Columns) {
        Lanes upper = *reinterpret_cast<const Lanes*>(left), lower = *reinterpret_cast<const Lanes*>(left + LaneCount);
#pragma GCC unroll 4
        for (int c = 0; c < Columns; c++) {
            total[c][0] += upper * right[c];
            total[c][1] += lower * right[c];
        }
    }
    std::memcpy(sums, total, sizeof sums);
}

// GELU with tanh and its slope, as cuBLASLt's reference defines them, in double.
double gelu(double x) { return 0.5 * x * (1 + std::tanh(0.7978845608028654 * (x + 0.044715 * x * x * x))); }
double geluSlope(double x) {
    double t = std::tanh(0.7978845608028654 * (x + 0.044715 * x * x * x));
    return 0.5 * (1 + t) + 0.5 * x * (1 - t * t) * 0.7978845608028654 * (1 + 3 * 0.044715 * x * x);
}

float finish(const Ending& ending, int row, int column, float value) {
    size_t index = size_t(column) * ending.input.leading + row;
    if (ending.bias) value += load({ending.vector, ending.vectorType, 0}, row);
    if (ending.keepsInput) store(ending.input, index, value);
    if (ending.relu) value = std::max(value, 0.0f);
    if (ending.gelu) value = float(gelu(value));
    if (ending.geluBackward) value *= float(geluSlope(load(ending.input, index)));
    return value;
}

void sumRowsOfB(const Product& p) {
    for (int column = 0; column < p.n; column++) {
        float sum = 0;
        for (int i = 0; i < p.k; i++)
            sum += load(p.b, p.transposeB ? size_t(i) * p.b.leading + column : size_t(column) * p.b.leading + i);
        store({p.ending.vector, p.ending.vectorType, 0}, column, sum);
    }
}

}  // namespace

size_t elementBytes(Element type) { return type == Element::F32 ? 4 : 2; }

void multiply(const Product& p) {
    std::vector<float> a, b;
    if (p.alpha != 0 && p.k > 0) {
        a = pack(p.a, p.m, p.k, Rows, !p.transposeA, p.rounding);
        b = pack(p.b, p.n, p.k, Columns, p.transposeB, p.rounding);
    }
    for (int column = 0; column < p.n; column += Columns)
        for (int row = 0; row < p.m; row += Rows) {
            float sums[Columns][Rows] = {};
            if (!a.empty()) multiplyBlock(&a[size_t(row) * p.k], &b[size_t(column) * p.k], p.k, sums);
            for (int c = 0; c < std::min(Columns, p.n - column); c++)
                for (int r = 0; r < std::min(Rows, p.m - row); r++) {
                    size_t index = size_t(column + c) * p.c.leading + row + r;
                    float old = p.beta == 0 ? 0 : p.beta * load(p.c, index);  // with beta 0 C may hold anything
                    store(p.d, size_t(column + c) * p.d.leading + row + r, finish(p.ending, row + r, column + c, p.alpha * sums[c][r] + old));
                }
        }
    if (p.ending.sumsB) sumRowsOfB(p);
}

}  // namespace emulator
