#include "tokens.h"

#include <cctype>

namespace emulator {

std::vector<Token> tokenize(const std::string& s) {
    std::vector<Token> tokens;
    bool lineStart = true;
    for (size_t i = 0; i < s.size();) {
        char c = s[i];
        if (c == '\n') {
            lineStart = true;
            i++;
            continue;
        }
        if (std::isspace(static_cast<unsigned char>(c))) {
            i++;
            continue;
        }
        if (c == '#' && lineStart) {
            while (i < s.size() && s[i] != '\n') i++;
            continue;
        }
        lineStart = false;
        size_t start = i;
        if (std::isalnum(static_cast<unsigned char>(c)) || c == '_') {
            bool number = std::isdigit(static_cast<unsigned char>(c));  // whose digits may be parted by apostrophes
            while (i < s.size() && (std::isalnum(static_cast<unsigned char>(s[i])) || s[i] == '_' || (number && s[i] == '\''))) i++;
        } else if (c == '"' || c == '\'') {
            for (i++; i < s.size() && s[i] != c; i++)
                if (s[i] == '\\') i++;
            i++;
        } else {
            i++;
        }
        tokens.push_back({s.substr(start, i - start), start, i});
    }
    return tokens;
}

size_t skipBrackets(const std::vector<Token>& tokens, size_t open, const char* opening, const char* closing) {
    int depth = 0;
    for (size_t i = open; i < tokens.size(); i++) {
        if (tokens[i].text == opening) depth++;
        else if (tokens[i].text == closing && --depth == 0) return i + 1;
    }
    return tokens.size();
}

}  // namespace emulator
