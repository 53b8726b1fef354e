// Compiles a program for this machine, each of its kernels once for what it needs of the text.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "image.h"

namespace emulator {

struct Program {
    std::string source, name;
    std::map<std::string, std::string> headers;                    // what #include finds
    std::vector<std::pair<std::string, std::string>> expressions;  // name expressions and the names of their kernels
    std::string log, packed;
};

// False with the compiler's messages in the program's log.
bool compile(Program& program, const std::vector<std::string>& definitions);

}  // namespace emulator
