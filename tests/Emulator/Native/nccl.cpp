// NCCL between processes of one machine, over shared memory. Work is ordered by streams; sums are rounded as a ring's are: that of a piece begins at
// the rank behind its owner's and goes round to the owner.
#include <cstring>
#include <mutex>
#include <random>
#include <set>
#include <unistd.h>

#include "api.h"
#include "context.h"
#include "memory.h"
#include "reports.h"
#include "ring.h"
#include "rounding.h"
#include "stream.h"

using namespace emulator;

namespace {

constexpr int Version = 23001;

// ncclResult_t.
enum Result { Ok = 0, CudaError = 1, SystemError = 2, InternalError = 3, InvalidArgument = 4, InvalidUsage = 5, RemoteError = 6, InProgress = 7 };

// ncclDataType_t and ncclRedOp_t, as far as something is computed with them.
enum Type { Float32 = 7, Float64 = 8, BFloat16 = 9 };
constexpr size_t typeBytes[] = {1, 1, 4, 4, 8, 8, 2, 4, 8, 2};
constexpr int Types = sizeof typeBytes / sizeof *typeBytes;
constexpr int Sum = 0;

enum Kind { ReduceScatter, AllGather, AllReduce, Broadcast };
constexpr const char* names[] = {"ncclReduceScatter", "ncclAllGather", "ncclAllReduce", "ncclBroadcast"};

struct UniqueId {
    char bytes[128];
};

struct Communicator {
    std::unique_ptr<Ring> ring;
    std::atomic<int> error{Ok};
};

Handles<Communicator> communicators;
std::mutex liveLock;  // for what another thread asks while a collective waits inside the library's own lock
std::set<void*> live;
std::mutex textLock;
std::string lastError;
thread_local int groupDepth = 0;
thread_local std::vector<std::pair<void*, Operation>> grouped;

int fail(int result, const std::string& text) {
    std::lock_guard<std::mutex> lock(textLock);
    lastError = text;
    return result;
}

std::string describe(const CollectiveCall& what) {
    return std::string(names[what.kind]) + " of " + std::to_string(what.count) + " numbers of type " + std::to_string(what.type) +
           (what.kind == Broadcast ? " from rank " + std::to_string(what.root) : "");
}

bool isSame(const CollectiveCall& a, const CollectiveCall& b) {
    return a.kind == b.kind && a.type == b.type && a.root == b.root && a.count == b.count;
}

template <class T>
T plus(T a, T b) { return a + b; }
template <>
uint16_t plus(uint16_t a, uint16_t b) { return floatToBf16(bf16ToFloat(a) + bf16ToFloat(b)); }

// The sum of what lies in all slots, from the rank behind `owner` round to it.
template <class T>
void sumInRing(const Ring& ring, int owner, void* result, size_t bytes) {
    auto* sums = static_cast<T*>(result);
    size_t count = bytes / sizeof(T);
    std::memcpy(sums, ring.slot((owner + 1) % ring.size()), bytes);
    for (int step = 2; step <= ring.size(); step++) {
        auto* more = reinterpret_cast<const T*>(ring.slot((owner + step) % ring.size()));
        for (size_t i = 0; i < count; i++) sums[i] = plus(sums[i], more[i]);
    }
}

void sum(const Ring& ring, int type, int owner, void* result, size_t bytes) {
    if (type == Float32) sumInRing<float>(ring, owner, result, bytes);
    else if (type == Float64) sumInRing<double>(ring, owner, result, bytes);
    else sumInRing<uint16_t>(ring, owner, result, bytes);
}

// One collective as a stream runs it.
struct Work {
    std::shared_ptr<Communicator> communicator;
    CollectiveCall what;
    const char* send;
    char* receive;

    Ring& ring() const { return *communicator->ring; }
    size_t width() const { return typeBytes[what.type]; }

    bool meet() const {
        return ring().meet([this](int gone) {
            communicator->error = RemoteError;
            fail(RemoteError, "rank " + std::to_string(gone) + " is gone");
        }) == Meeting::Done;
    }

    int run() const {
        ring().own().collective = what;
        if (!meet()) return Success;
        for (int rank = 0; rank < ring().size(); rank++) {
            const CollectiveCall& other = ring().place(rank).collective;
            if (isSame(other, what)) continue;
            auto name = [](int number) { return "rank " + std::to_string(number) + " "; };
            report(name(ring().rank()) + "calls " + describe(what) + ", but " + name(rank) + describe(other));
            communicator->error = InternalError;
            return LaunchFailed;
        }
        move();
        // None changes what the others still compare. Of a communicator that was aborted the kernels end, whatever they have done.
        meet();
        return Success;
    }

    void move() const {
        size_t bytes = what.count * width();
        int size = ring().size(), rank = ring().rank();
        if (what.kind == ReduceScatter) {
            for (int owner = 0; owner < size; owner++)
                inSlots(bytes, send + owner * bytes, [&](size_t done, size_t part) {
                    if (owner == rank) sum(ring(), what.type, owner, receive + done, part);
                });
        } else if (what.kind == AllReduce) {
            for (int owner = 0; owner < size; owner++) {
                size_t first = what.count * owner / size * width(), end = what.count * (owner + 1) / size * width();
                inSlots(end - first, send + first, [&](size_t done, size_t part) { sum(ring(), what.type, owner, receive + first + done, part); });
            }
        } else if (what.kind == AllGather) {
            inSlots(bytes, send, [&](size_t done, size_t part) {
                for (int from = 0; from < size; from++) std::memcpy(receive + from * bytes + done, ring().slot(from), part);
            });
        } else {
            inSlots(bytes, send, [&](size_t done, size_t part) { std::memcpy(receive + done, ring().slot(what.root), part); });
        }
    }

    // Part by part, all put what they send into their slots, and take from all slots.
    template <class F>
    void inSlots(size_t bytes, const char* from, F take) const {
        for (size_t done = 0; done < bytes; done += SlotBytes) {
            size_t part = std::min(SlotBytes, bytes - done);
            std::memcpy(ring().slot(ring().rank()), from + done, part);
            if (!meet()) return;
            take(done, part);
            if (!meet()) return;
        }
    }
};

// One call of a collective: its arguments are looked at now, its work is the stream's, at the end of a group where it is inside one.
int enqueue(const char* name, Kind kind, const void* send, void* receive, size_t count, int type, int op, int root, void* handle, void* stream) {
    Call call(name, Needs::Nothing);
    if (call.status()) return call.status();
    auto communicator = communicators.find(handle);
    if (!hasContext()) return fail(CudaError, "no CUDA context is current");
    if (!communicator) return fail(InvalidArgument, "no such communicator");
    if (communicator->error) return fail(communicator->error, "the communicator has failed before");
    if (type < 0 || type >= Types) return fail(InvalidArgument, "no such type");
    bool adds = kind == ReduceScatter || kind == AllReduce;
    if (adds && (op != Sum || (type != Float32 && type != Float64 && type != BFloat16)))
        return fail(InvalidArgument, "this stand-in adds f32, f64 and bf16");
    size_t bytes = count * typeBytes[type], all = bytes * communicator->ring->size();
    if (root < 0 || root >= communicator->ring->size()) return fail(InvalidArgument, "no such root");
    if (!isDeviceRange(DevicePointer(send), kind == ReduceScatter ? all : bytes) ||
        !isDeviceRange(DevicePointer(receive), kind == AllGather ? all : bytes))
        return fail(InvalidArgument, "the numbers do not lie on the GPU");
    Work work{communicator, {kind, type, root, count}, static_cast<const char*>(send), static_cast<char*>(receive)};
    Operation operation{name, [work] { return work.run(); }};
    if (groupDepth > 0) {
        grouped.emplace_back(stream, std::move(operation));
        return Ok;
    }
    return submit(stream, std::move(operation)) ? fail(CudaError, "no such stream") : Ok;
}

}  // namespace

#define BEGIN_NCCL                                       \
    emulator::Call call(__func__, emulator::Needs::Nothing); \
    if (call.status() != 0) return call.status()

API int ncclGetVersion(int* version) {
    BEGIN_NCCL;
    *version = Version;
    return Ok;
}

API int ncclGetUniqueId(UniqueId* id) {
    BEGIN_NCCL;
    std::memset(id->bytes, 0, sizeof id->bytes);
    if (const char* address = std::getenv("NCCL_COMM_ID")) {
        std::strncpy(id->bytes, address, sizeof id->bytes - 1);
        return Ok;
    }
    std::random_device random;
    for (int i = 0; i < 32; i++) id->bytes[i] = char('a' + random() % 26);
    return Ok;
}

API int ncclCommInitRank(void** handle, int size, UniqueId id, int rank) {
    BEGIN_NCCL;
    if (!hasContext()) return fail(CudaError, "no CUDA context is current");
    if (size < 1 || size > MostRanks || rank < 0 || rank >= size) return fail(InvalidArgument, "no such rank");
    id.bytes[sizeof id.bytes - 1] = 0;
    auto name = "/gptgen-nccl-" + std::to_string(getuid()) + "-" + std::to_string(std::hash<std::string>()(id.bytes));
    std::string problem;
    auto communicator = std::make_shared<Communicator>();
    communicator->ring.reset(Ring::join(name, size, rank, currentDevice(), problem));
    if (!communicator->ring) return fail(SystemError, problem);
    for (int other = 0; other < size; other++)
        if (other != rank && communicator->ring->place(other).device == currentDevice())
            return fail(InvalidUsage, "Duplicate GPU detected : rank " + std::to_string(rank) + " and rank " + std::to_string(other) +
                                          " both on CUDA device " + std::to_string(currentDevice()));
    *handle = communicators.add(communicator);
    std::lock_guard<std::mutex> lock(liveLock);
    live.insert(*handle);
    return Ok;
}

API int ncclReduceScatter(const void* send, void* receive, size_t count, int type, int op, void* communicator, void* stream) {
    return enqueue(__func__, ReduceScatter, send, receive, count, type, op, 0, communicator, stream);
}

API int ncclAllGather(const void* send, void* receive, size_t count, int type, void* communicator, void* stream) {
    return enqueue(__func__, AllGather, send, receive, count, type, Sum, 0, communicator, stream);
}

API int ncclAllReduce(const void* send, void* receive, size_t count, int type, int op, void* communicator, void* stream) {
    return enqueue(__func__, AllReduce, send, receive, count, type, op, 0, communicator, stream);
}

API int ncclBroadcast(const void* send, void* receive, size_t count, int type, int root, void* communicator, void* stream) {
    return enqueue(__func__, Broadcast, send, receive, count, type, Sum, root, communicator, stream);
}

API int ncclGroupStart() {
    BEGIN_NCCL;
    groupDepth++;
    return Ok;
}

API int ncclGroupEnd() {
    BEGIN_NCCL;
    if (groupDepth == 0) return fail(InvalidUsage, "no group was begun");
    if (--groupDepth > 0) return Ok;
    auto work = std::move(grouped);
    grouped.clear();
    int result = Ok;
    for (auto& [stream, operation] : work)
        if (submit(stream, std::move(operation))) result = fail(CudaError, "no such stream");
    return result;
}

API int ncclCommDestroy(void* handle) {
    BEGIN_NCCL;
    {
        std::lock_guard<std::mutex> lock(liveLock);
        live.erase(handle);
    }
    return communicators.remove(handle) ? Ok : InvalidArgument;
}

// Ends what waits for the others, in whichever thread that is.
API int ncclCommAbort(void* handle) {
    {
        std::lock_guard<std::mutex> lock(liveLock);
        if (!live.erase(handle)) return InvalidArgument;
        static_cast<Communicator*>(handle)->ring->abort();
    }
    emulator::Call call(__func__, Needs::Nothing);
    communicators.remove(handle);
    return call.status();
}

API int ncclCommGetAsyncError(void* handle, int* result) {
    std::lock_guard<std::mutex> lock(liveLock);
    if (!live.count(handle)) return InvalidArgument;
    *result = static_cast<Communicator*>(handle)->error;
    return Ok;
}

API const char* ncclGetErrorString(int result) {
    constexpr const char* texts[] = {"no error", "unhandled cuda error", "unhandled system error", "internal error", "invalid argument",
                                     "invalid usage", "remote process exited or there was a network error", "NCCL operation in progress"};
    return result >= 0 && result <= InProgress ? texts[result] : "unknown result code";
}

API const char* ncclGetLastError(void*) {
    static thread_local std::string text;
    std::lock_guard<std::mutex> lock(textLock);
    text = lastError;
    return text.c_str();
}
