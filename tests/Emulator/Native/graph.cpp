// Graphs: captured work in the order of its submission, which is one of the orders that its dependencies allow.
#include "api.h"
#include "context.h"
#include "stream.h"

using namespace emulator;

namespace {

Handles<Graph> graphs;
struct Executable {
    Graph graph;
};
Handles<Executable> executables;

}  // namespace

API int cuStreamBeginCapture_v2(void* handle, int mode) {
    BEGIN_CALL(Needs::Context);
    auto stream = streams.find(handle);  // the default stream cannot be captured
    if (!stream) return reinterpret_cast<uintptr_t>(handle) <= 2 ? CaptureUnsupported : InvalidHandle;
    if (mode < 0 || mode > 2) return InvalidValue;
    if (stream->capture) return IllegalState;
    stream->capture = std::make_shared<Graph>();
    stream->captureOrigin = true;
    return Success;
}
API int cuStreamBeginCapture(void* handle, int mode) { return cuStreamBeginCapture_v2(handle, mode); }

API int cuStreamEndCapture(void* handle, void** graph) {
    Call call(__func__, Needs::Context);
    auto stream = streams.find(handle);
    // Where no graph comes of it the recording is over all the same.
    if (call.status() != 0 && stream && stream->captureOrigin) {
        auto lost = stream->capture;
        endCapture(lost);
    }
    if (call.status() != 0) return call.status();
    if (!stream) return InvalidHandle;
    if (!stream->capture) return IllegalState;
    if (!stream->captureOrigin) return CaptureUnmatched;
    auto result = stream->capture;
    endCapture(result);
    *graph = graphs.add(result);
    return Success;
}

API int cuStreamIsCapturing(void* handle, int* status) {
    BEGIN_CALL(Needs::Context);
    auto stream = streamOf(handle);
    if (!stream) return InvalidHandle;
    *status = stream->capture ? 1 : 0;
    return Success;
}

API int cuGraphCreate(void** graph, unsigned) {
    BEGIN_CALL(Needs::Context);
    *graph = graphs.add(std::make_shared<Graph>());
    return Success;
}

API int cuGraphDestroy(void* graph) {
    BEGIN_CALL(Needs::Initialized);
    return graphs.remove(graph) ? Success : InvalidValue;
}

API int cuGraphGetNodes(void* handle, void**, size_t* count) {
    BEGIN_CALL(Needs::Initialized);
    auto graph = graphs.find(handle);
    if (!graph) return InvalidValue;
    *count = graph->operations.size();
    return Success;
}

API int cuGraphInstantiateWithFlags(void** executable, void* handle, unsigned long long) {
    BEGIN_CALL(Needs::Context);
    auto graph = graphs.find(handle);
    if (!graph) return InvalidValue;
    *executable = executables.add(std::make_shared<Executable>(Executable{*graph}));
    return Success;
}

// The older forms put a node and a log behind the graph; both are left alone, as an instantiation here cannot fail.
API int cuGraphInstantiate(void** executable, void* graph, void*, char*, size_t) { return cuGraphInstantiateWithFlags(executable, graph, 0); }
API int cuGraphInstantiate_v2(void** executable, void* graph, void*, char*, size_t) { return cuGraphInstantiateWithFlags(executable, graph, 0); }

API int cuGraphExecDestroy(void* executable) {
    BEGIN_CALL(Needs::Initialized);
    return executables.remove(executable) ? Success : InvalidValue;
}

API int cuGraphUpload(void* executable, void*) {
    BEGIN_CALL(Needs::Context);
    return executables.find(executable) ? Success : InvalidValue;
}

API int cuGraphLaunch(void* handle, void* stream) {
    BEGIN_CALL(Needs::Context);
    auto executable = executables.find(handle);
    if (!executable) return InvalidValue;
    auto operations = executable->graph.operations;
    return submit(stream, {"graph", [operations] {
                               for (const Operation& operation : operations)
                                   if (int status = operation.run()) return status;
                               return int(Success);
                           }});
}

namespace {

// 0 on success, else the CUgraphExecUpdateResult "topology changed".
int update(Executable& executable, const Graph& graph) {
    const auto& old = executable.graph.operations;
    if (old.size() != graph.operations.size()) return 2;
    for (size_t i = 0; i < old.size(); i++)
        if (old[i].kind != graph.operations[i].kind) return 2;
    executable.graph = graph;
    return 0;
}

}  // namespace

API int cuGraphExecUpdate_v2(void* executableHandle, void* graphHandle, int* result) {
    BEGIN_CALL(Needs::Context);
    auto executable = executables.find(executableHandle);
    auto graph = graphs.find(graphHandle);
    if (!executable || !graph) return InvalidValue;
    *result = update(*executable, *graph);
    return *result == 0 ? Success : GraphUpdateFailure;
}

API int cuGraphExecUpdate(void* executable, void* graph, void** errorNode, int* result) {
    *errorNode = nullptr;
    return cuGraphExecUpdate_v2(executable, graph, result);
}
