// Runs the host's compiler.
#pragma once
#include <string>
#include <vector>

namespace emulator {

// Runs a program to its end with its output and errors in one file; its exit status, or -1 when it cannot be started.
int runProcess(const std::vector<std::string>& arguments, const std::string& outputFile);

std::string readFile(const std::string& path);
void writeFile(const std::string& path, const std::string& content);

}  // namespace emulator
