#include "blas.h"

#include "api.h"
#include "memory.h"

namespace emulator {
namespace {

enum DataType { R32F = 0, R16F = 2, R16BF = 14 };
enum Compute { F32 = 68, F32Pedantic = 69, Fast16F = 74, Fast16BF = 75, FastTf32 = 77 };

bool isVectorInside(const void* data, Element type, int count) {
    return isDeviceRange(reinterpret_cast<DevicePointer>(data), size_t(count) * elementBytes(type));
}

bool isInside(const Ending& ending, int m, int n) {
    if (ending.bias && !isVectorInside(ending.vector, ending.vectorType, m)) return false;
    if (ending.sumsB && !isVectorInside(ending.vector, ending.vectorType, n)) return false;
    return !(ending.keepsInput || ending.geluBackward) || isInside(ending.input, m, n);
}

}  // namespace

bool toElement(int type, Element& element) {
    if (type == R32F) element = Element::F32;
    else if (type == R16F) element = Element::F16;
    else if (type == R16BF) element = Element::BF16;
    else return false;
    return true;
}

bool toRounding(int compute, bool f32, Rounding& rounding) {
    rounding = Rounding::None;
    switch (compute) {
        case F32: return true;
        case F32Pedantic: return true;
        case Fast16F: if (f32) rounding = Rounding::F16; return f32;
        case Fast16BF: if (f32) rounding = Rounding::Bf16; return f32;
        case FastTf32: if (f32) rounding = Rounding::Tf32; return f32;
        default: return false;
    }
}

bool isInside(const Matrix& matrix, int rows, int columns) {
    if (rows == 0 || columns == 0) return true;
    return isDeviceRange(reinterpret_cast<DevicePointer>(matrix.data),
                         ((size_t(columns) - 1) * matrix.leading + rows) * elementBytes(matrix.type));
}

int runProduct(const Product& p) {
    bool inside = isInside(p.a, p.transposeA ? p.k : p.m, p.transposeA ? p.m : p.k) &&
                  isInside(p.b, p.transposeB ? p.n : p.k, p.transposeB ? p.k : p.n) && (p.beta == 0 || isInside(p.c, p.m, p.n)) &&
                  isInside(p.d, p.m, p.n) && isInside(p.ending, p.m, p.n);
    if (!inside) return IllegalAddress;
    multiply(p);
    return Success;
}

}  // namespace emulator
