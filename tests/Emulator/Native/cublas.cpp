// The entry points of cuBLAS that a transformer needs.
#include <cstdint>

#include "api.h"
#include "blas.h"
#include "context.h"
#include "handles.h"
#include "memory.h"
#include "settings.h"
#include "stream.h"

using namespace emulator;

namespace {

enum { R32F = 0, F32 = 68, MathTf32 = 3, PointersOnDevice = 1 };

struct Handle {
    void* stream = nullptr;
    int mathMode = 0;
    int pointerMode = 0;
};

Handles<Handle> handles;

Matrix advanced(const Matrix& matrix, long long elements) {
    return {static_cast<char*>(matrix.data) + elements * (long long)elementBytes(matrix.type), matrix.type, matrix.leading};
}

struct Batch {
    long long strideA, strideB, strideC;
    int count;
};

int run(Product product, const Batch& batch) {
    for (int i = 0; i < batch.count; i++) {
        Product one = product;
        one.a = advanced(product.a, batch.strideA * i);
        one.b = advanced(product.b, batch.strideB * i);
        one.c = one.d = advanced(product.c, batch.strideC * i);
        if (int status = runProduct(one)) return status;
    }
    return Success;
}

int submitProduct(const Handle& handle, Product product, const void* alpha, const void* beta, const Batch& batch) {
    if (product.m == 0 || product.n == 0 || batch.count == 0) return Ok;
    bool onDevice = handle.pointerMode == PointersOnDevice;
    if (!onDevice) {
        product.alpha = *static_cast<const float*>(alpha);
        product.beta = *static_cast<const float*>(beta);
    }
    int status = submit(handle.stream, {"gemm", [=]() mutable {
                                            if (onDevice) {
                                                product.alpha = *static_cast<const float*>(alpha);
                                                product.beta = *static_cast<const float*>(beta);
                                            }
                                            return run(product, batch);
                                        }});
    return status == Success ? Ok : ExecutionFailed;
}

}  // namespace

API int cublasCreate_v2(void** handle) {
    BEGIN_CALL(Needs::Nothing);
    if (!hasContext()) return NotInitializedResult;
    *handle = handles.add(std::make_shared<Handle>());
    return Ok;
}

API int cublasDestroy_v2(void* handle) {
    BEGIN_CALL(Needs::Nothing);
    return handles.remove(handle) ? Ok : NotInitializedResult;
}

#define FIND_HANDLE()                                   \
    auto found = handles.find(handle);                  \
    if (!found) return NotInitializedResult

API int cublasSetStream_v2(void* handle, void* stream) {
    BEGIN_CALL(Needs::Nothing);
    FIND_HANDLE();
    if (!streamOf(stream)) return InvalidValueResult;
    found->stream = stream;
    return Ok;
}

API int cublasGetStream_v2(void* handle, void** stream) {
    BEGIN_CALL(Needs::Nothing);
    FIND_HANDLE();
    *stream = found->stream;
    return Ok;
}

API int cublasSetMathMode(void* handle, int mode) {
    BEGIN_CALL(Needs::Nothing);
    FIND_HANDLE();
    if ((mode & 15) > MathTf32) return InvalidValueResult;
    found->mathMode = mode;
    return Ok;
}

API int cublasGetMathMode(void* handle, int* mode) {
    BEGIN_CALL(Needs::Nothing);
    FIND_HANDLE();
    *mode = found->mathMode;
    return Ok;
}

API int cublasSetPointerMode_v2(void* handle, int mode) {
    BEGIN_CALL(Needs::Nothing);
    FIND_HANDLE();
    if (mode < 0 || mode > 1) return InvalidValueResult;
    found->pointerMode = mode;
    return Ok;
}

API int cublasGetPointerMode_v2(void* handle, int* mode) {
    BEGIN_CALL(Needs::Nothing);
    FIND_HANDLE();
    *mode = found->pointerMode;
    return Ok;
}

API int cublasSetAtomicsMode(void* handle, int) {
    BEGIN_CALL(Needs::Nothing);
    FIND_HANDLE();
    return Ok;
}

// Products need no workspace here; what is given must still be device memory.
API int cublasSetWorkspace_v2(void* handle, DevicePointer workspace, size_t bytes) {
    BEGIN_CALL(Needs::Nothing);
    FIND_HANDLE();
    return bytes == 0 || isDeviceRange(workspace, bytes) ? Ok : InvalidValueResult;
}

API int cublasGetVersion_v2(void*, int* version) {
    BEGIN_CALL(Needs::Nothing);
    int cuda = settings().cuda;
    *version = cuda / 1000 * 10000 + cuda % 1000 / 10 * 100;
    return Ok;
}

API const char* cublasGetStatusName(int status) {
    switch (status) {
        case 0: return "CUBLAS_STATUS_SUCCESS";
        case 1: return "CUBLAS_STATUS_NOT_INITIALIZED";
        case 3: return "CUBLAS_STATUS_ALLOC_FAILED";
        case 7: return "CUBLAS_STATUS_INVALID_VALUE";
        case 8: return "CUBLAS_STATUS_ARCH_MISMATCH";
        case 11: return "CUBLAS_STATUS_MAPPING_ERROR";
        case 13: return "CUBLAS_STATUS_EXECUTION_FAILED";
        case 14: return "CUBLAS_STATUS_INTERNAL_ERROR";
        case 15: return "CUBLAS_STATUS_NOT_SUPPORTED";
        case 16: return "CUBLAS_STATUS_LICENSE_ERROR";
        default: return "CUBLAS_STATUS_UNKNOWN";
    }
}
API const char* cublasGetStatusString(int status) { return cublasGetStatusName(status); }

// Behind every product, so that each entry point's own failures can be planted.
static int multiplyChecked(void* handle, int transposeA, int transposeB, int m, int n, int k, const void* alpha, DevicePointer a, int typeA, int lda,
                           long long strideA, DevicePointer b, int typeB, int ldb, long long strideB, const void* beta, DevicePointer c, int typeC,
                           int ldc, long long strideC, int count, int compute) {
    FIND_HANDLE();
    if (currentError()) return ExecutionFailed;
    if (transposeA < 0 || transposeA > 2 || transposeB < 0 || transposeB > 2 || m < 0 || n < 0 || k < 0 || count < 0 || !alpha || !beta)
        return InvalidValueResult;
    if (lda < (transposeA ? k : m) || ldb < (transposeB ? n : k) || ldc < m || lda < 1 || ldb < 1 || ldc < 1) return InvalidValueResult;
    Element elementA, elementB, elementC;
    if (!toElement(typeA, elementA) || !toElement(typeB, elementB) || !toElement(typeC, elementC)) return NotSupported;
    if (elementA != elementB || (elementC != Element::F32 && elementC != elementA)) return NotSupported;
    Rounding rounding;
    if (!toRounding(compute, elementA == Element::F32, rounding)) return NotSupported;
    if (compute == F32 && elementA == Element::F32 && (found->mathMode & 15) == MathTf32) rounding = Rounding::Tf32;
    Product product{transposeA != 0, transposeB != 0, m, n, k, 0, 0,
                    {reinterpret_cast<void*>(a), elementA, lda}, {reinterpret_cast<void*>(b), elementB, ldb},
                    {reinterpret_cast<void*>(c), elementC, ldc},
                    rounding};
    return submitProduct(*found, product, alpha, beta, {strideA, strideB, strideC, count});
}

API int cublasGemmStridedBatchedEx(void* handle, int transposeA, int transposeB, int m, int n, int k, const void* alpha, DevicePointer a, int typeA,
                                   int lda, long long strideA, DevicePointer b, int typeB, int ldb, long long strideB, const void* beta,
                                   DevicePointer c, int typeC, int ldc, long long strideC, int count, int compute, int) {
    BEGIN_CALL(Needs::Nothing);
    return multiplyChecked(handle, transposeA, transposeB, m, n, k, alpha, a, typeA, lda, strideA, b, typeB, ldb, strideB, beta, c, typeC, ldc,
                           strideC, count, compute);
}

API int cublasGemmEx(void* handle, int transposeA, int transposeB, int m, int n, int k, const void* alpha, DevicePointer a, int typeA, int lda,
                     DevicePointer b, int typeB, int ldb, const void* beta, DevicePointer c, int typeC, int ldc, int compute, int) {
    BEGIN_CALL(Needs::Nothing);
    return multiplyChecked(handle, transposeA, transposeB, m, n, k, alpha, a, typeA, lda, 0, b, typeB, ldb, 0, beta, c, typeC, ldc, 0, 1, compute);
}

API int cublasSgemm_v2(void* handle, int transposeA, int transposeB, int m, int n, int k, const float* alpha, DevicePointer a, int lda,
                       DevicePointer b, int ldb, const float* beta, DevicePointer c, int ldc) {
    BEGIN_CALL(Needs::Nothing);
    return multiplyChecked(handle, transposeA, transposeB, m, n, k, alpha, a, R32F, lda, 0, b, R32F, ldb, 0, beta, c, R32F, ldc, 0, 1, F32);
}

API int cublasSgemmStridedBatched(void* handle, int transposeA, int transposeB, int m, int n, int k, const float* alpha, DevicePointer a, int lda,
                                  long long strideA, DevicePointer b, int ldb, long long strideB, const float* beta, DevicePointer c, int ldc,
                                  long long strideC, int count) {
    BEGIN_CALL(Needs::Nothing);
    return multiplyChecked(handle, transposeA, transposeB, m, n, k, alpha, a, R32F, lda, strideA, b, R32F, ldb, strideB, beta, c, R32F, ldc, strideC,
                           count, F32);
}
