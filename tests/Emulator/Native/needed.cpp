#include "needed.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <unordered_map>

namespace emulator {
namespace {

bool isWord(const std::string& text) { return std::isalpha(static_cast<unsigned char>(text[0])) || text[0] == '_'; }

bool isStructure(const std::string& text) { return text == "struct" || text == "class" || text == "union"; }

// Words in front of brackets that are not the name of a function.
bool isSpecifier(const std::string& text) {
    for (const char* word : {"__attribute__", "__launch_bounds__", "__align__", "alignas", "decltype", "noexcept", "asm", "__asm__"})
        if (text == word) return true;
    return false;
}

// `# 12 "file"`, which the preprocessor leaves.
bool isMarker(const std::string& text, size_t at) {
    return text[at] == '#' && at + 2 < text.size() && text[at + 1] == ' ' && std::isdigit(static_cast<unsigned char>(text[at + 2]));
}

// Lines with something on them, each that does not follow the one before behind a marker.
std::string withoutEmptyLines(const std::string& text) {
    std::string result, file, writtenFile;
    long line = 1, writtenLine = 0;
    for (size_t at = 0; at < text.size();) {
        size_t end = std::min(text.find('\n', at), text.size());
        if (isMarker(text, at)) {
            char* behind;
            line = std::strtol(text.c_str() + at + 2, &behind, 10);
            size_t open = text.find('"', at), close = open < end ? text.find('"', open + 1) : end;
            if (close < end) file = text.substr(open, close + 1 - open);
        } else {
            if (text.find_first_not_of(" \t\r", at) < end) {
                if (file != writtenFile || line != writtenLine) result += "# " + std::to_string(line) + " " + file + "\n";
                result.append(text, at, end - at) += '\n';
                writtenFile = file;
                writtenLine = line + 1;
            }
            line++;
        }
        at = end + 1;
    }
    return result;
}

}  // namespace

Declarations::Declarations(const std::string& preprocessed) : text(preprocessed), tokens(tokenize(preprocessed)) {
    std::unordered_map<std::string, int> numbers;
    for (const Token& token : tokens) {
        if (!isWord(token.text)) {
            words.push_back(-1);
            continue;
        }
        auto [place, isNew] = numbers.insert({token.text, int(known.size())});
        if (isNew) known.push_back(token.text);
        words.push_back(place->second);
    }
    readItems();
}

// The declaration that begins at a token, to its `;` or to the `}` of a function's body.
Declarations::Item Declarations::readItem(size_t first) {
    Item item;
    item.first = first;
    item.end = tokens.size();
    size_t start = first;
    while (start + 1 < tokens.size() && tokens[start].text == "template" && tokens[start + 1].text == "<")
        start = skipBrackets(tokens, start + 1, "<", ">");
    if (start + 1 >= tokens.size()) return item;
    bool isStructured = isStructure(tokens[start].text), plain = true, assigned = false, isConstant = false;
    int function = -1, name = isStructured || (tokens[start].text == "using" && tokens[start + 1].text != "namespace") ? words[start + 1] : -1;
    for (size_t i = start; i < tokens.size(); i++) {
        const std::string& sign = tokens[i].text;
        if (sign == "operator" || sign == "\"C\"" || sign == "friend" || (sign == "," && assigned)) plain = false;
        if (sign == "constexpr") isConstant = true;
        if (sign == "=" && !assigned) {
            assigned = true;
            if (name < 0 && isConstant) name = words[i - 1];
            if (name < 0) plain = false;
        } else if (sign == "(" && !assigned && i > start) {
            bool isNamed = words[i - 1] >= 0 && !isSpecifier(tokens[i - 1].text);
            if (function < 0 && isNamed) function = words[i - 1];
            // A member that is defined outside of its structure, or an instance of a template.
            if ((isNamed && tokens[i - 2].text == ":") || tokens[i - 1].text == ">") plain = false;
            i = skipBrackets(tokens, i, "(", ")") - 1;
        } else if (sign == "(") {
            i = skipBrackets(tokens, i, "(", ")") - 1;
        } else if (sign == "[") {
            i = skipBrackets(tokens, i, "[", "]") - 1;
        } else if (sign == "{") {
            size_t end = skipBrackets(tokens, i, "{", "}");
            bool isBody = !isStructured && !assigned && function >= 0, isBlock = tokens[start].text == "extern" && i == start + 2;
            if (isBody || isBlock) {
                item.end = end;
                if (isBody && plain) item.name = function;
                return item;
            }
            // Something declared behind a structure's members.
            if (isStructured && (end >= tokens.size() || tokens[end].text != ";")) plain = false;
            i = end - 1;
        } else if (sign == ";") {
            item.end = i + 1;
            if (plain && (isStructured || assigned) && function < 0) item.name = name;
            return item;
        }
    }
    return item;
}

void Declarations::readItems() {
    std::vector<int> around;
    for (size_t i = 0; i < tokens.size();) {
        const std::string& sign = tokens[i].text;
        if (sign == ";") {
            i++;
        } else if (sign == "}") {
            Item border;
            border.first = i;
            border.end = ++i;
            border.namespaces = around;
            border.isBorder = true;
            items.push_back(border);
            if (!around.empty()) around.pop_back();
        } else if (sign == "namespace" && i + 2 < tokens.size() && words[i + 1] >= 0 && tokens[i + 2].text == "{") {
            around.push_back(words[i + 1]);
            Item border;
            border.first = i;
            border.end = i += 3;
            border.namespaces = around;
            border.isBorder = true;
            items.push_back(border);
        } else {
            items.push_back(readItem(i));
            items.back().namespaces = around;
            i = items.back().end;
        }
    }
}

std::string Declarations::keepNeeded(const std::vector<std::string>& roots) const {
    std::vector<bool> mentioned(known.size()), kept(items.size());
    for (const std::string& root : roots)
        for (const Token& token : tokenize(root)) {
            auto found = std::find(known.begin(), known.end(), token.text);
            if (found != known.end()) mentioned[size_t(found - known.begin())] = true;
        }
    for (bool changed = true; changed;) {
        changed = false;
        for (size_t i = 0; i < items.size(); i++) {
            const Item& item = items[i];
            if (kept[i] || (item.name >= 0 && !mentioned[size_t(item.name)])) continue;
            if (!std::all_of(item.namespaces.begin(), item.namespaces.end(), [&](int word) { return mentioned[size_t(word)]; })) continue;
            kept[i] = changed = true;
            if (item.isBorder) continue;
            for (size_t token = item.first; token < item.end; token++)
                if (words[token] >= 0) mentioned[size_t(words[token])] = true;
        }
    }

    std::string result;
    size_t copied = 0;
    for (size_t i = 0; i < items.size(); i++) {
        if (kept[i]) continue;
        size_t start = tokens[items[i].first].start, end = tokens[items[i].end - 1].end;
        result.append(text, copied, start - copied);
        for (copied = start; copied < end; copied++) {
            if (text[copied] != '\n') continue;
            result += '\n';
            if (isMarker(text, copied + 1))
                while (text[copied + 1] != '\n') result += text[++copied];
        }
    }
    return withoutEmptyLines(result.append(text, copied, std::string::npos));
}

}  // namespace emulator
