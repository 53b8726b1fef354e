// Leaves out of a program what a kernel does not need, so that it is neither compiled nor part of what the compiled kernel is known by.
#pragma once
#include <string>
#include <vector>

#include "tokens.h"

namespace emulator {

// A preprocessed text as the declarations that stand in its namespaces.
class Declarations {
public:
    explicit Declarations(const std::string& preprocessed);

    // The text without what these words, and what they lead to, do not mention, and without empty lines: the preprocessor's markers say which line
    // of which file follows. A declaration is left out when its own name or that of a namespace around it is not mentioned; one of another form
    // than a function's body, a structure, a constant or a `using` counts as mentioned. Two texts that say the same about a kernel become the same.
    std::string keepNeeded(const std::vector<std::string>& roots) const;

private:
    struct Item {
        size_t first, end;            // tokens
        int name = -1;                // a word; -1: of a form that is kept
        std::vector<int> namespaces;  // the words of those around it
        bool isBorder = false;        // a namespace's beginning or end
    };

    int wordOf(const std::string& text);
    Item readItem(size_t first);
    void readItems();

    std::string text;
    std::vector<Token> tokens;
    std::vector<int> words;  // of the tokens; -1 for what is no word
    std::vector<std::string> known;
    std::vector<Item> items;
};

}  // namespace emulator
