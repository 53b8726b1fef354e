// cp.async: a copy happens when its group is waited for, the latest moment that the programming model allows, so a missing wait shows.
#include <cstring>

#include "block.h"
#include "checker.h"
#include "proxy.h"

using namespace emulator;

extern "C" void emulator_copy_async(void* target, const void* source, int bytes, int sourceBytes) {
    Fiber* fiber = currentFiber();
    // Hardware may write at once, while another thread still reads what was there.
    checkAccess(target, size_t(bytes), Access::Overwrite);
    fiber->copies.push_back({target, source, bytes, sourceBytes, fiber->copyGroup});
}

extern "C" void emulator_copy_commit() { currentFiber()->copyGroup++; }

extern "C" void emulator_copy_wait(int groupsInFlight) {
    Fiber* fiber = currentFiber();
    size_t kept = 0;
    for (PendingCopy& copy : fiber->copies) {
        if (copy.group >= fiber->copyGroup - groupsInFlight) {
            fiber->copies[kept++] = copy;
            continue;
        }
        if (copy.sourceBytes) checkAccess(const_cast<void*>(copy.source), size_t(copy.sourceBytes), Access::Read);
        checkAccess(copy.target, size_t(copy.bytes), Access::Write);
        noteGenericWrite(copy.target, size_t(copy.bytes));
        std::memcpy(copy.target, copy.source, size_t(copy.sourceBytes));
        std::memset(static_cast<char*>(copy.target) + copy.sourceBytes, 0, size_t(copy.bytes - copy.sourceBytes));
    }
    fiber->copies.resize(kept);
}
