// The primary context and the error of an earlier launch that every later call returns, as on a real device.
#pragma once

namespace emulator {

// Remembers the first asynchronous error; it stays until the context is reset.
void setError(int status);
int currentError();
void clearError();

bool isInitialized();
bool hasContext();
int currentDevice();  // that of this thread's context

}  // namespace emulator
