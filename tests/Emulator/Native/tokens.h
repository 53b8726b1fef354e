// The words of a preprocessed C++ text.
#pragma once
#include <string>
#include <vector>

namespace emulator {

struct Token {
    std::string text;
    size_t start, end;
};

// Identifiers, numbers, literals and single signs; line markers of the preprocessor are left out. Comments are gone already.
std::vector<Token> tokenize(const std::string& text);

// The index after the bracket that closes the one at `open`.
size_t skipBrackets(const std::vector<Token>& tokens, size_t open, const char* opening, const char* closing);

}  // namespace emulator
