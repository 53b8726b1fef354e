// Events: points in a stream's work that another stream, or the host, can wait for and time.
#include "api.h"
#include "context.h"
#include "stream.h"

using namespace emulator;

namespace {

Handles<Event> events;
constexpr unsigned DisableTiming = 2;

}  // namespace

API int cuEventCreate(void** handle, unsigned flags) {
    BEGIN_CALL(Needs::Context);
    auto event = std::make_shared<Event>();
    event->timed = (flags & DisableTiming) == 0;
    *handle = events.add(event);
    return Success;
}

API int cuEventDestroy_v2(void* handle) {
    BEGIN_CALL(Needs::Initialized);
    return events.remove(handle) ? Success : InvalidHandle;
}

API int cuEventRecord(void* handle, void* streamHandle) {
    BEGIN_CALL(Needs::Context);
    auto event = events.find(handle);
    auto stream = streamOf(streamHandle);
    if (!event || !stream) return InvalidHandle;
    event->capture = stream->capture;
    if (event->capture) return Success;
    int status = submit(streamHandle, {"event", [event] {
                                           event->time = std::chrono::steady_clock::now();
                                           return int(Success);
                                       }});
    event->stream = stream;
    event->position = stream->submitted;
    event->recorded = true;
    return status;
}

API int cuEventRecordWithFlags(void* handle, void* stream, unsigned) { return cuEventRecord(handle, stream); }

API int cuEventQuery(void* handle) {
    BEGIN_CALL(Needs::Context);
    auto event = events.find(handle);
    if (!event) return InvalidHandle;
    return !event->recorded || event->stream->done >= event->position ? Success : NotReady;
}

API int cuEventSynchronize(void* handle) {
    BEGIN_CALL(Needs::Context);
    auto event = events.find(handle);
    if (!event) return InvalidHandle;
    if (event->capture) return CaptureUnsupported;
    if (event->recorded) drain(*event->stream, event->position);
    return currentError();
}

API int cuEventElapsedTime(float* milliseconds, void* startHandle, void* endHandle) {
    BEGIN_CALL(Needs::Context);
    auto start = events.find(startHandle), end = events.find(endHandle);
    if (!start || !end || !start->timed || !end->timed || !start->recorded || !end->recorded) return InvalidHandle;
    if (start->stream->done < start->position || end->stream->done < end->position) return NotReady;
    *milliseconds = std::chrono::duration<float, std::milli>(end->time - start->time).count();
    return Success;
}
API int cuEventElapsedTime_v2(float* milliseconds, void* start, void* end) { return cuEventElapsedTime(milliseconds, start, end); }

API int cuStreamWaitEvent(void* streamHandle, void* handle, unsigned) {
    BEGIN_CALL(Needs::Context);
    auto stream = streamOf(streamHandle);
    auto event = events.find(handle);
    if (!stream || !event) return InvalidHandle;
    if (event->capture) {
        if (stream->capture && stream->capture != event->capture) return CaptureInvalidated;
        stream->capture = event->capture;  // the other stream joins the capture
        return Success;
    }
    if (stream->capture) return CaptureInvalidated;  // would make the graph wait for work outside it
    if (!event->recorded) return Success;
    auto source = event->stream;
    uint64_t position = event->position;
    return submit(streamHandle, {"wait", [source, position] {
                                     drain(*source, position);
                                     return int(Success);
                                 }});
}
