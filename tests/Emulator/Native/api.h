// What every entry point of the stand-in shares: exports, status codes, the lock and the checks at the start of a call.
#pragma once
#include <cstddef>
#include <cstdint>

#define API extern "C" __attribute__((visibility("default")))

using DevicePointer = unsigned long long;

namespace emulator {

// The CUresult values that this library gives, under the driver's own names.
enum Status {
    Success = 0,
    InvalidValue = 1,
    OutOfMemory = 2,
    NotInitialized = 3,
    NoDevice = 100,
    InvalidDevice = 101,
    InvalidImage = 200,
    InvalidContext = 201,
    NoBinaryForGpu = 209,
    NotFound = 500,
    NotReady = 600,
    IllegalAddress = 700,
    LaunchOutOfResources = 701,
    LaunchFailed = 719,
    InvalidHandle = 400,
    CaptureUnsupported = 900,
    CaptureInvalidated = 901,
    CaptureUnmatched = 903,
    IllegalState = 401,
    GraphUpdateFailure = 910,
};

// How much must be in place before a call may run.
enum class Needs { Nothing, Initialized, Context };

// One call from outside: holds the library's only lock, so that one thread at a time is inside, and answers planted failures.
class Call {
public:
    Call(const char* name, Needs needs);
    ~Call();
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;
    int status() const { return status_; }

private:
    int status_;
};

#define BEGIN_CALL(needs)                          \
    emulator::Call call(__func__, needs);          \
    if (call.status() != 0) return call.status()

}  // namespace emulator
