// Streams, and the work that they order. Work runs when it is submitted; in the deferred setting it waits until somebody synchronises,
// so that a missing wait between streams, or for the host's memory, shows as wrong values.
#pragma once
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "handles.h"

namespace emulator {

struct Operation {
    std::string kind;  // what a graph's update compares
    std::function<int()> run;
};

struct Graph {
    std::vector<Operation> operations;
};

struct Stream {
    bool blocking = true;  // takes turns with the default stream
    std::deque<Operation> pending;
    uint64_t submitted = 0, done = 0;
    std::shared_ptr<Graph> capture;
    bool captureOrigin = false;
};

struct Event {
    std::shared_ptr<Stream> stream;
    uint64_t position = 0;
    std::shared_ptr<Graph> capture;  // recorded inside this capture
    bool timed = true;
    bool recorded = false;
    std::chrono::steady_clock::time_point time;
};

extern Handles<Stream> streams;

// The stream of a handle (null and the two special handles are the default stream), or null for a handle that is none.
std::shared_ptr<Stream> streamOf(void* handle);

// Hands work to a stream, or to the graph that captures it; a CUresult.
int submit(void* stream, Operation operation);

// Runs what waits in a stream, up to a position.
void drain(Stream& stream, uint64_t position);
void drain(Stream& stream);
void drainAll();

// Whether any stream captures: calls that could synchronise are then refused.
bool isCapturing();

// Takes every stream out of this capture.
void endCapture(const std::shared_ptr<Graph>& graph);

}  // namespace emulator
