#include "source.h"

#include <vector>

#include "tokens.h"

namespace emulator {
namespace {

struct Insertion {
    size_t at, length;  // of the text that is replaced
    std::string text;
};

// Whether a declaration that begins at `first` is behind `template <...>`.
bool isTemplate(const std::vector<Token>& tokens, size_t first) {
    for (size_t i = first; i-- > 0;) {
        const std::string& text = tokens[i].text;
        if (text == ";" || text == "{" || text == "}") return false;
        if (text == "template") return true;
    }
    return false;
}

bool isExternC(const std::vector<Token>& tokens, size_t at, const std::vector<bool>& externBlocks) {
    for (bool block : externBlocks)
        if (block) return true;
    for (size_t i = at; i-- > 0;) {
        const std::string& text = tokens[i].text;
        if (text == ";" || text == "{" || text == "}") return false;
        if (text == "\"C\"") return true;
    }
    return false;
}

// Adds the entry point of the kernel declared at the token `__global__`.
void visitKernel(const std::vector<Token>& tokens, size_t at, std::vector<Insertion>& insertions) {
    std::string bounds = "0";
    size_t i = at + 1;
    size_t name = 0;
    for (; i < tokens.size() && tokens[i].text != "{" && tokens[i].text != ";"; i++) {
        if (tokens[i].text == "__launch_bounds__" && i + 1 < tokens.size()) {
            size_t end = skipBrackets(tokens, i + 1, "(", ")");
            int depth = 0;
            bounds.clear();
            for (size_t t = i + 2; t + 1 < end && !(depth == 0 && tokens[t].text == ","); t++) {
                depth += tokens[t].text == "(" ? 1 : tokens[t].text == ")" ? -1 : 0;
                bounds += tokens[t].text;
            }
            i = end - 1;
        } else if (tokens[i].text == "(") {
            name = i - 1;
            i = skipBrackets(tokens, i, "(", ")") - 1;
            break;
        }
    }
    while (i < tokens.size() && tokens[i].text != "{" && tokens[i].text != ";") i++;
    if (name == 0 || i >= tokens.size() || tokens[i].text == ";") return;  // a declaration
    size_t end = skipBrackets(tokens, i, "{", "}");
    const std::string& kernel = tokens[name].text;
    insertions.push_back({tokens[end - 1].end, 0, " EMULATOR_KERNEL(" + kernel + ", (" + bounds + "), " + kernel + ")"});
}

// `extern __shared__ [__align__(16)] float tile[];` declares a pointer to the launch's memory.
void visitDynamicShared(const std::vector<Token>& tokens, size_t at, std::vector<Insertion>& insertions) {
    size_t end = at;
    while (end < tokens.size() && tokens[end].text != ";") end++;
    if (end >= tokens.size() || end < at + 5 || tokens[end - 1].text != "]" || tokens[end - 2].text != "[") return;
    std::string type;
    for (size_t i = at; i < end - 3; i++) {
        const std::string& text = tokens[i].text;
        if (text == "extern" || text == "__shared__") continue;
        if (text == "__align__" || text == "alignas") {
            i = skipBrackets(tokens, i + 1, "(", ")") - 1;
            continue;
        }
        type += text + " ";
    }
    const std::string& name = tokens[end - 3].text;
    insertions.push_back({tokens[at].start, tokens[end].end - tokens[at].start, type + "* " + name + " = (" + type + "*)emulator_dynamic_shared();"});
}

}  // namespace

std::string prepareSource(const std::string& preprocessed) {
    std::vector<Token> tokens = tokenize(preprocessed);
    std::vector<Insertion> insertions;
    std::vector<bool> externBlocks;
    for (size_t i = 0; i < tokens.size(); i++) {
        const std::string& text = tokens[i].text;
        if (text == "{") externBlocks.push_back(i >= 2 && tokens[i - 1].text == "\"C\"" && tokens[i - 2].text == "extern");
        else if (text == "}" && !externBlocks.empty()) externBlocks.pop_back();
        else if (text == "__global__" && !isTemplate(tokens, i) && isExternC(tokens, i, externBlocks)) visitKernel(tokens, i, insertions);
        else if (text == "extern" && i + 1 < tokens.size() && tokens[i + 1].text == "__shared__") visitDynamicShared(tokens, i, insertions);
    }
    std::string result;
    size_t copied = 0;
    // A kernel's insertion lies behind the shared memory inside it but was found first.
    while (!insertions.empty()) {
        size_t next = 0;
        for (size_t i = 1; i < insertions.size(); i++)
            if (insertions[i].at < insertions[next].at) next = i;
        const Insertion& insertion = insertions[next];
        result.append(preprocessed, copied, insertion.at - copied);
        result += insertion.text;
        copied = insertion.at + insertion.length;
        insertions.erase(insertions.begin() + long(next));
    }
    return result.append(preprocessed, copied, std::string::npos);
}

}  // namespace emulator
