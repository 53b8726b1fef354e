#include "stream.h"

#include "api.h"
#include "context.h"
#include "settings.h"

using namespace emulator;

namespace emulator {

Handles<Stream> streams;

namespace {

std::vector<std::weak_ptr<Stream>> everyStream;

const std::shared_ptr<Stream>& defaultStream() {
    static auto stream = std::make_shared<Stream>();
    return stream;
}

template <class F>
void forEachStream(F visit) {
    size_t kept = 0;
    for (size_t i = 0; i < everyStream.size(); i++)
        if (auto stream = everyStream[i].lock()) {
            visit(*stream);
            everyStream[kept++] = everyStream[i];
        }
    everyStream.resize(kept);
}

void run(const Operation& operation) {
    if (currentError() != 0) return;  // a broken context does no more work
    if (int status = operation.run()) setError(status);
}

}  // namespace

std::shared_ptr<Stream> streamOf(void* handle) {
    auto number = reinterpret_cast<uintptr_t>(handle);
    return number <= 2 ? defaultStream() : streams.find(handle);
}

int submit(void* handle, Operation operation) {
    auto stream = streamOf(handle);
    if (!stream) return InvalidHandle;
    if (stream->capture) {
        stream->capture->operations.push_back(std::move(operation));
        return Success;
    }
    stream->submitted++;
    if (settings().deferred && stream != defaultStream()) {
        stream->pending.push_back(std::move(operation));
        return Success;
    }
    if (stream == defaultStream()) forEachStream([](Stream& other) { if (other.blocking) drain(other); });
    drain(*stream, stream->submitted - 1);
    run(operation);
    stream->done = stream->submitted;
    return Success;
}

void drain(Stream& stream, uint64_t position) {
    while (stream.done < position && !stream.pending.empty()) {
        Operation operation = std::move(stream.pending.front());
        stream.pending.pop_front();
        run(operation);
        stream.done++;
    }
}

void drain(Stream& stream) { drain(stream, stream.submitted); }

void drainAll() {
    forEachStream([](Stream& stream) { drain(stream); });
}

bool isCapturing() {
    bool capturing = false;
    forEachStream([&](Stream& stream) { capturing |= stream.capture != nullptr; });
    return capturing;
}

void endCapture(const std::shared_ptr<Graph>& graph) {
    forEachStream([&](Stream& stream) {
        if (stream.capture != graph) return;
        stream.capture = nullptr;
        stream.captureOrigin = false;
    });
}

}  // namespace emulator

API int cuStreamCreate(void** handle, unsigned flags) {
    BEGIN_CALL(Needs::Context);
    if (flags > 1) return InvalidValue;
    auto stream = std::make_shared<Stream>();
    stream->blocking = flags == 0;
    everyStream.push_back(stream);
    *handle = streams.add(stream);
    return Success;
}

API int cuStreamCreateWithPriority(void** handle, unsigned flags, int) { return cuStreamCreate(handle, flags); }

API int cuStreamDestroy_v2(void* handle) {
    BEGIN_CALL(Needs::Initialized);
    auto stream = streams.find(handle);
    if (!stream) return InvalidHandle;
    drain(*stream);
    streams.remove(handle);
    return Success;
}

API int cuStreamSynchronize(void* handle) {
    BEGIN_CALL(Needs::Context);
    auto stream = streamOf(handle);
    if (!stream) return InvalidHandle;
    if (stream->capture) return CaptureUnsupported;
    if (stream == defaultStream()) forEachStream([](Stream& other) { if (other.blocking) drain(other); });
    drain(*stream);
    return currentError();
}

API int cuStreamQuery(void* handle) {
    BEGIN_CALL(Needs::Context);
    auto stream = streamOf(handle);
    if (!stream) return InvalidHandle;
    if (stream->capture) return CaptureUnsupported;
    return stream->pending.empty() ? Success : NotReady;
}

API int cuLaunchHostFunc(void* handle, void (*function)(void*), void* data) {
    BEGIN_CALL(Needs::Context);
    return submit(handle, {"host", [=] {
                               function(data);
                               return int(Success);
                           }});
}
