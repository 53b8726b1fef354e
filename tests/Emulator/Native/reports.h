// What the emulator and its checker found wrong with a kernel, as text that names kernel, block and thread.
#pragma once
#include <string>

namespace emulator {

// Records a finding of the kernel that runs now; its launch will fail.
void report(const std::string& finding);

int reportCount();
const std::string& reportText();
void clearReports();

}  // namespace emulator
