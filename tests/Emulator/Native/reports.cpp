#include "reports.h"

#include "api.h"
#include "block.h"

namespace emulator {
namespace {

constexpr int Kept = 16;  // a race is usually found once per thread; the first few say everything
int count = 0;
std::string text;

}  // namespace

void report(const std::string& finding) {
    if (++count > Kept) return;
    text += finding + describePlace() + "\n";
}

int reportCount() { return count; }
const std::string& reportText() { return text; }

void clearReports() {
    count = 0;
    text.clear();
}

}  // namespace emulator

API int emulatorReportCount() { return emulator::reportCount(); }
API const char* emulatorReportText() { return emulator::reportText().c_str(); }
