// What cuBLAS and cuBLASLt share: their status codes, types of elements and of computations, and products in a stream.
#pragma once
#include "gemm.h"

namespace emulator {

enum Result { Ok = 0, NotInitializedResult = 1, InvalidValueResult = 7, ExecutionFailed = 13, NotSupported = 15 };

// Types of elements, by cudaDataType_t's numbers.
bool toElement(int type, Element& element);

// What a computation, by cublasComputeType_t's numbers, rounds its factors to. Only f32 factors are rounded: the others are exact in their own
// format.
bool toRounding(int compute, bool f32, Rounding& rounding);

// Whether the memory is the device's from the first to the last element.
bool isInside(const Matrix& matrix, int rows, int columns);

// Multiplies, or answers IllegalAddress where an operand leaves its memory.
int runProduct(const Product& product);

}  // namespace emulator
