// The entry points of cuBLASLt that a transformer needs. It serves what the reference's tables list for f32 and bf16 and, stricter than a real one,
// only operands whose addresses and leading dimensions are multiples of 16 bytes. All algorithms compute the same; they differ in number, workspace
// and, where FASTEST names one, in time.
#include <chrono>
#include <cstdint>
#include <cstring>
#include <thread>

#include "api.h"
#include "blas.h"
#include "context.h"
#include "handles.h"
#include "memory.h"
#include "settings.h"
#include "stream.h"

using namespace emulator;

namespace {

enum { R32F = 0 };
enum Attribute { TransA = 3, TransB = 4, EndingKind = 7, VectorPointer = 8, InputPointer = 11, InputLeading = 12 };
enum EndingBits { Default = 1, Relu = 2, Bias = 4, Gelu = 32, GeluSlope = 64, Auxiliary = 128, SumsB = 512 };
enum Preference { MostWorkspace = 1, AlignmentA = 5, AlignmentD = 8 };

constexpr size_t RequiredAlignment = 16;
constexpr int Algorithms = 20;
constexpr size_t WorkspaceStep = 4096;

struct Library {};

struct Description {
    int compute = 0;
    int transposeA = 0, transposeB = 0;
    int ending = Default;
    void* vector = nullptr;
    void* input = nullptr;
    int64_t inputLeading = 0;
};

struct Layout {
    int type = 0;
    uint64_t rows = 0, columns = 0;
    int64_t leading = 0;
};

struct Wish {
    uint64_t workspace = 0;
    uint32_t alignment[4] = {256, 256, 256, 256};
};

// What an algorithm is to a caller: 64 bytes, of which only we know the meaning.
struct Algorithm {
    uint64_t magic, problem, number, workspace, unused[4];
};
static_assert(sizeof(Algorithm) == 64);

struct Heuristic {
    Algorithm algorithm;
    size_t workspace;
    int state;
    float waves;
    int reserved[4];
};
static_assert(sizeof(Heuristic) == 96);

constexpr uint64_t Magic = 0x6c747461'6c676f31;

Handles<Library> libraries;
Handles<Description> descriptions;
Handles<Layout> layouts;
Handles<Wish> wishes;

struct Request {
    std::shared_ptr<Description> description;
    std::shared_ptr<Layout> a, b, c, d;
};

bool find(Request& request, const void* description, const void* a, const void* b, const void* c, const void* d) {
    request = {descriptions.find(description), layouts.find(a), layouts.find(b), layouts.find(c), layouts.find(d)};
    return request.description && request.a && request.b && request.c && request.d;
}

bool isAligned(const Layout& layout, size_t elementSize) { return layout.leading * elementSize % RequiredAlignment == 0; }

bool isServedEnding(int ending) {
    switch (ending) {
        case Default: case Relu: case Bias: case Relu | Bias: case Gelu: case Gelu | Bias: case Gelu | Auxiliary: case Gelu | Auxiliary | Bias:
        case GeluSlope | Auxiliary: case SumsB:
            return true;
        default: return false;
    }
}

// The product that is asked for, without its addresses; Ok, or why there is none.
int describe(const Request& r, Product& product) {
    const Description& description = *r.description;
    product = {description.transposeA != 0, description.transposeB != 0, int(r.d->rows), int(r.d->columns), 0, 0, 0, {}, {}, {}, Rounding::None};
    product.k = int(product.transposeA ? r.a->rows : r.a->columns);
    auto isOf = [](const Layout& layout, int rows, int columns, bool transposed) {
        return layout.rows == uint64_t(transposed ? columns : rows) && layout.columns == uint64_t(transposed ? rows : columns) &&
               layout.leading >= int64_t(layout.rows) && layout.rows > 0 && layout.columns > 0;
    };
    if (!isOf(*r.a, product.m, product.k, product.transposeA) || !isOf(*r.b, product.k, product.n, product.transposeB) ||
        !isOf(*r.c, product.m, product.n, false) || !isOf(*r.d, product.m, product.n, false))
        return InvalidValueResult;
    Matrix* matrices[] = {&product.a, &product.b, &product.c, &product.d};
    const Layout* described[] = {r.a.get(), r.b.get(), r.c.get(), r.d.get()};
    for (int i = 0; i < 4; i++) {
        if (!toElement(described[i]->type, matrices[i]->type)) return NotSupported;
        matrices[i]->leading = int(described[i]->leading);
        if (!isAligned(*described[i], elementBytes(matrices[i]->type))) return NotSupported;
    }
    Element factor = product.a.type, result = product.d.type;
    if (product.b.type != factor || product.c.type != result || (result != Element::F32 && result != factor)) return NotSupported;
    if (!toRounding(description.compute, factor == Element::F32, product.rounding)) return NotSupported;
    int ending = description.ending;
    if (!isServedEnding(ending)) return NotSupported;
    Ending& e = product.ending;
    e.bias = ending & Bias;
    e.relu = ending & Relu;
    e.gelu = ending & Gelu;
    e.geluBackward = ending & GeluSlope;
    e.keepsInput = e.gelu && (ending & Auxiliary);
    e.sumsB = ending & SumsB;
    e.vectorType = result;
    e.input = {nullptr, result, int(description.inputLeading)};
    // The reference: the leading dimension is a multiple of 8 and at least the rows of the result.
    if ((e.keepsInput || e.geluBackward) && (description.inputLeading % 8 != 0 || description.inputLeading < product.m)) return NotSupported;
    return Ok;
}

uint64_t identify(const Product& p, const Description& d) {
    uint64_t hash = 1469598103934665603u;
    for (long long part : {(long long)p.transposeA, (long long)p.transposeB, (long long)p.m, (long long)p.n, (long long)p.k, (long long)p.a.type,
                           (long long)p.d.type, (long long)p.a.leading, (long long)p.b.leading, (long long)p.c.leading, (long long)p.d.leading,
                           (long long)d.ending, (long long)d.compute})
        hash = (hash ^ uint64_t(part)) * 1099511628211u;
    return hash;
}

bool isAligned(const void* address) { return reinterpret_cast<uintptr_t>(address) % RequiredAlignment == 0; }

}  // namespace

API size_t cublasLtGetVersion() {
    int cuda = settings().cuda;
    return size_t(cuda / 1000 * 10000 + cuda % 1000 / 10 * 100);
}

API int cublasLtCreate(void** handle) {
    BEGIN_CALL(Needs::Nothing);
    if (!hasContext()) return NotInitializedResult;
    *handle = libraries.add(std::make_shared<Library>());
    return Ok;
}

API int cublasLtDestroy(void* handle) {
    BEGIN_CALL(Needs::Nothing);
    return libraries.remove(handle) ? Ok : NotInitializedResult;
}

API int cublasLtMatmulDescCreate(void** description, int compute, int scaleType) {
    BEGIN_CALL(Needs::Nothing);
    if (scaleType != R32F) return InvalidValueResult;
    auto made = std::make_shared<Description>();
    made->compute = compute;
    *description = descriptions.add(made);
    return Ok;
}

API int cublasLtMatmulDescDestroy(void* description) {
    BEGIN_CALL(Needs::Nothing);
    return descriptions.remove(description) ? Ok : InvalidValueResult;
}

API int cublasLtMatmulDescSetAttribute(void* description, int attribute, const void* value, size_t bytes) {
    BEGIN_CALL(Needs::Nothing);
    auto found = descriptions.find(description);
    if (!found) return InvalidValueResult;
    auto set = [&](auto& member) {
        if (bytes != sizeof member) return InvalidValueResult;
        std::memcpy(&member, value, bytes);
        return Ok;
    };
    switch (attribute) {
        case TransA: return set(found->transposeA);
        case TransB: return set(found->transposeB);
        case EndingKind: return set(found->ending);
        case VectorPointer: return set(found->vector);
        case InputPointer: return set(found->input);
        case InputLeading: return set(found->inputLeading);
        default: return InvalidValueResult;
    }
}

API int cublasLtMatrixLayoutCreate(void** layout, int type, uint64_t rows, uint64_t columns, int64_t leading) {
    BEGIN_CALL(Needs::Nothing);
    *layout = layouts.add(std::make_shared<Layout>(Layout{type, rows, columns, leading}));
    return Ok;
}

API int cublasLtMatrixLayoutDestroy(void* layout) {
    BEGIN_CALL(Needs::Nothing);
    return layouts.remove(layout) ? Ok : InvalidValueResult;
}

API int cublasLtMatmulPreferenceCreate(void** preference) {
    BEGIN_CALL(Needs::Nothing);
    *preference = wishes.add(std::make_shared<Wish>());
    return Ok;
}

API int cublasLtMatmulPreferenceDestroy(void* preference) {
    BEGIN_CALL(Needs::Nothing);
    return wishes.remove(preference) ? Ok : InvalidValueResult;
}

API int cublasLtMatmulPreferenceSetAttribute(void* preference, int attribute, const void* value, size_t bytes) {
    BEGIN_CALL(Needs::Nothing);
    auto found = wishes.find(preference);
    if (!found) return InvalidValueResult;
    void* member = attribute == MostWorkspace                              ? (void*)&found->workspace
                   : attribute >= AlignmentA && attribute <= AlignmentD ? (void*)&found->alignment[attribute - AlignmentA]
                                                                        : nullptr;
    if (!member || bytes != (attribute == MostWorkspace ? sizeof(uint64_t) : sizeof(uint32_t))) return InvalidValueResult;
    std::memcpy(member, value, bytes);
    return Ok;
}

API int cublasLtMatmulAlgoGetHeuristic(void* handle, void* description, void* a, void* b, void* c, void* d, void* preference, int asked,
                                       Heuristic* results, int* count) {
    BEGIN_CALL(Needs::Nothing);
    *count = 0;
    Request request;
    auto wish = wishes.find(preference);
    if (!libraries.find(handle) || !wish || asked < 1 || !find(request, description, a, b, c, d)) return InvalidValueResult;
    Product product;
    if (int status = describe(request, product)) return status;
    for (uint32_t alignment : wish->alignment)
        if (alignment < RequiredAlignment) return NotSupported;
    if (!isAligned(request.description->input)) return NotSupported;
    for (int number = 0; number < Algorithms && *count < asked; number++) {
        size_t workspace = number % 2 * number * WorkspaceStep;
        if (workspace > wish->workspace) continue;
        results[(*count)++] = {{Magic, identify(product, *request.description), uint64_t(number), workspace, {}}, workspace, Ok, 1.0f, {}};
    }
    return *count > 0 ? Ok : NotSupported;
}

API int cublasLtMatmulAlgoCheck(void* handle, void* description, void* a, void* b, void* c, void* d, const Algorithm* algorithm,
                                Heuristic* result) {
    BEGIN_CALL(Needs::Nothing);
    Request request;
    if (!libraries.find(handle) || !algorithm || !find(request, description, a, b, c, d)) return InvalidValueResult;
    Product product;
    if (int status = describe(request, product)) return status;
    bool fits = algorithm->magic == Magic && algorithm->number < Algorithms && algorithm->problem == identify(product, *request.description);
    if (!fits) return NotSupported;
    *result = {*algorithm, size_t(algorithm->workspace), Ok, 1.0f, {}};
    return Ok;
}

API int cublasLtMatmul(void* handle, void* description, const void* alpha, const void* a, void* layoutA, const void* b, void* layoutB,
                       const void* beta, const void* c, void* layoutC, void* d, void* layoutD, const Algorithm* algorithm, void* workspace,
                       size_t workspaceBytes, void* stream) {
    BEGIN_CALL(Needs::Nothing);
    if (!libraries.find(handle)) return NotInitializedResult;
    if (currentError()) return ExecutionFailed;
    Request request;
    if (!alpha || !beta || !algorithm || !find(request, description, layoutA, layoutB, layoutC, layoutD)) return InvalidValueResult;
    Product product;
    if (int status = describe(request, product)) return status;
    if (algorithm->magic != Magic || algorithm->problem != identify(product, *request.description)) return InvalidValueResult;
    if (algorithm->workspace > workspaceBytes) return InvalidValueResult;
    if (algorithm->workspace > 0 && !isDeviceRange(reinterpret_cast<DevicePointer>(workspace), workspaceBytes)) return InvalidValueResult;
    product.alpha = *static_cast<const float*>(alpha);
    product.beta = *static_cast<const float*>(beta);
    product.a.data = const_cast<void*>(a);
    product.b.data = const_cast<void*>(b);
    product.c.data = const_cast<void*>(c);
    product.d.data = d;
    const Ending& ending = product.ending;
    product.ending.vector = request.description->vector;
    product.ending.input.data = request.description->input;
    if ((ending.bias || ending.sumsB) && !ending.vector) return InvalidValueResult;
    if ((ending.keepsInput || ending.geluBackward) && !ending.input.data) return InvalidValueResult;
    // As cuBLASLt 13.1 was seen to answer to addresses for which the ending has no use.
    if (ending.vector && !ending.bias && !ending.sumsB) return InvalidValueResult;
    if (ending.input.data && !ending.keepsInput && !ending.geluBackward && (ending.relu || ending.gelu)) return NotSupported;
    // In place, the two have one layout.
    if (c == d && product.c.leading != product.d.leading) return InvalidValueResult;
    for (const void* address : {a, b, product.beta == 0 ? d : c, (const void*)d, (const void*)ending.input.data})
        if (!isAligned(address)) return NotSupported;
    Ending& changed = product.ending;
    const std::string& omitted = settings().omitted;
    changed.bias &= omitted != "bias";
    changed.gelu &= omitted != "gelu";
    changed.keepsInput &= omitted != "kept";
    changed.geluBackward &= omitted != "slope";
    changed.sumsB &= omitted != "sums";
    if (omitted == "residual") product.beta = 0;
    int fastest = settings().fastest;
    bool isSlow = fastest >= 0 && uint64_t(fastest) != algorithm->number;
    int status = submit(stream, {"gemm", [=] {
                                     if (isSlow) std::this_thread::sleep_for(std::chrono::milliseconds(2));
                                     return runProduct(product);
                                 }});
    return status == Success ? Ok : ExecutionFailed;
}
