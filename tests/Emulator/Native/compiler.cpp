#include "compiler.h"

#include <dlfcn.h>
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <set>
#include <unordered_map>

#include "needed.h"
#include "process.h"
#include "settings.h"
#include "source.h"

namespace emulator {
namespace {

// A folder of its own, removed with all that it holds.
struct WorkFolder {
    std::string path;

    WorkFolder() {
        char name[] = "/tmp/gptgen-emulator-XXXXXX";
        if (char* made = mkdtemp(name)) path = made;
    }
    ~WorkFolder() {
        if (path.empty()) return;
        nftw(path.c_str(), [](const char* file, const struct stat*, int, FTW*) { return std::remove(file); }, 8, FTW_DEPTH | FTW_PHYS);
    }
};

// This library's own file: kernels are linked against it, and the device's headers lie beside it.
std::string ownPath() {
    Dl_info info;
    if (!dladdr(reinterpret_cast<void*>(&buildStamp), &info)) return "";
    std::unique_ptr<char, void (*)(void*)> resolved(realpath(info.dli_fname, nullptr), std::free);
    return resolved ? resolved.get() : info.dli_fname;
}

std::string folderOf(const std::string& path) { return path.substr(0, path.rfind('/')); }

std::vector<std::string> compilerFlags() {
    // Products and sums are fused as the device's compiler fuses them by default. The sanitizers' instrumentation without their runtimes: the
    // emulator answers the calls. A kernel is compiled for far longer than it runs: registers are dealt out over whole functions, of few kinds.
    std::vector<std::string> flags = {"-std=c++17", "-fPIC", "-shared", "-fno-strict-aliasing", "-fvisibility=hidden", "-w", "-march=native",
                                      "-ffp-contract=fast", "-fno-math-errno", "-fno-exceptions", "-fno-rtti", "-fmax-errors=20",
                                      "-fsanitize=integer-divide-by-zero", "-nostdlib", "-Og",
                                      "-fira-region=one", "-mno-avx512f", "-fno-use-linker-plugin"};
    if (settings().check) flags.push_back("-fsanitize=thread");
    return flags;
}

// A name for what texts lead to with this build of the emulator.
std::string cacheKey(const std::vector<std::string>& texts) {
    uint64_t hash = hashBytes(buildStamp(), std::char_traits<char>::length(buildStamp()));
    auto add = [&](const std::string& text) { hash = hashBytes(text.c_str(), text.size() + 1, hash); };
    add(settings().check ? "checked" : "plain");
    for (const std::string& text : texts) add(text);
    char text[20];
    std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(hash));
    return text;
}

// Where headers of several folders, "a/b.cuh", may lie.
void writeHeader(const std::string& folder, const std::string& name, const std::string& content) {
    for (size_t slash = name.find('/'); slash != std::string::npos; slash = name.find('/', slash + 1))
        mkdir((folder + "/" + name.substr(0, slash)).c_str(), 0700);
    writeFile(folder + "/" + name, content);
}

// A text without the path of the work folder.
std::string readWithout(const std::string& folder, const std::string& path) {
    std::string text = readFile(path);
    for (size_t at; (at = text.find(folder + "/")) != std::string::npos;) text.erase(at, folder.size() + 1);
    return text;
}

// Runs g++; false with its messages in the log.
bool run(std::vector<std::string> command, const std::vector<std::string>& more, const WorkFolder& work, std::string& log) {
    command.insert(command.end(), more.begin(), more.end());
    int status = runProcess(command, work.path + "/log");
    log = status < 0 ? "g++ cannot be started" : readWithout(work.path, work.path + "/log");
    return status == 0;
}

// The functions in front of every source, preprocessed: once in a process.
bool readLibrary(const WorkFolder& work, std::string& log, std::string& text) {
    static std::string known;
    std::string plain = work.path + "/library";
    if (known.empty()) {
        if (!run({"g++", "-E", "-x", "c++", "-std=c++17"}, {folderOf(ownPath()) + "/Device/library.h", "-o", plain}, work, log)) return false;
        known = readFile(plain);
    }
    text = known;
    return true;
}

// The preprocessor alone, with no system header in reach, as NVRTC has none: what it leaves is free of macros and conditions. A text with several
// kernels is often compiled for one after the other.
bool preprocess(Program& program, const std::vector<std::string>& definitions, const WorkFolder& work, const std::string& key, std::string& text) {
    static std::unordered_map<std::string, std::string> known;
    if (auto found = known.find(key); found != known.end()) {
        text = found->second;
        return true;
    }
    writeHeader(work.path, program.name, program.source);
    for (auto& header : program.headers) writeHeader(work.path, header.first, header.second);
    std::vector<std::string> command = {"g++", "-E", "-x", "c++", "-std=c++17", "-nostdinc", "-undef", "-DGPTGEN_EMULATOR=1", "-D__CUDACC__=1",
                                        "-D__CUDACC_RTC__=1", "-D__cplusplus=201703L", "-I" + work.path};
    for (auto& definition : definitions) command.push_back("-D" + definition);
    std::string plain = work.path + "/preprocessed";
    if (!run(command, {work.path + "/" + program.name, "-o", plain}, work, program.log)) return false;
    text = known[key] = readWithout(work.path, plain);
    return true;
}

using Expressions = std::map<std::string, std::string>;  // and the names of their kernels

// Compiles a preprocessed text to a shared library with the kernels of these expressions.
bool build(const std::string& text, const Expressions& expressions, const WorkFolder& work, std::string& log, std::string& library) {
    std::string prepared = prepareSource(text);
    // A kernel with C linkage has its entry point already, under the same name.
    std::set<std::string> named;
    for (auto& [expression, name] : expressions)
        if (prepared.find("EMULATOR_KERNEL(" + name + ", ") == std::string::npos && named.insert(name).second)
            prepared += "\nEMULATOR_KERNEL(" + name + ", 0, " + expression + ")";
    // What kernels ask of the C library comes with this one, which needs it too; reading it would take longer than the rest of the linking.
    std::string self = ownPath(), input = work.path + "/kernels.ii", output = work.path + "/kernels.so";
    writeFile(input, prepared + "\n");
    std::vector<std::string> command = {"g++"};
    for (const std::string& flag : compilerFlags()) command.push_back(flag);
    if (!run(command, {"-include", folderOf(self) + "/Device/device.h", "-x", "c++", input, "-x", "none", "-o", output, self, "-lm", "-lgcc"},
             work, log))
        return false;
    library = readFile(output);
    return true;
}

// Writes a file that appears as a whole.
void keep(const std::string& path, const std::string& content) {
    mkdir(folderOf(path).c_str(), 0700);
    std::string temporary = path + "." + std::to_string(getpid());
    writeFile(temporary, content);
    std::rename(temporary.c_str(), path.c_str());
}

std::string modulesFolder() { return (settings().modules.empty() ? folderOf(ownPath()) + "/modules" : settings().modules) + "/"; }

// The libraries with the program's kernels. Each kernel is known by what it needs of the text: those that another program had are taken from there,
// the others are compiled together.
bool collect(Program& program, const std::string& text, const WorkFolder& work, std::vector<ImagePart>& parts) {
    const std::string modules = modulesFolder();
    Declarations declarations(text);
    const std::string entries = "EmulatorEntry EmulatorIndices EmulatorParameters emulator_current";
    Expressions missing;
    std::vector<std::string> roots{entries}, keys;
    for (auto& [expression, name] : program.expressions) {
        std::string key = modules + cacheKey({declarations.keepNeeded({entries, expression}), expression, name});
        std::string library = readFile(key);
        if (library.empty()) {
            if (missing.insert({expression, name}).second) keys.push_back(key), roots.push_back(expression);
        } else {
            auto part = std::find_if(parts.begin(), parts.end(), [&](const ImagePart& known) { return known.library == library; });
            if (part == parts.end()) part = parts.insert(part, {"\n", library});
            part->kernels += name + "\n";
        }
    }
    if (missing.empty()) return true;
    std::string library;
    if (!build(declarations.keepNeeded(roots), missing, work, program.log, library)) return false;
    for (const std::string& key : keys) keep(key, library);
    ImagePart& part = parts.emplace_back(ImagePart{"\n", library});
    for (auto& [expression, name] : missing) part.kernels += name + "\n";
    return true;
}

}  // namespace

bool compile(Program& program, const std::vector<std::string>& definitions) {
    std::vector<std::string> source{program.source, program.name};
    for (auto& header : program.headers) source.push_back(header.first), source.push_back(header.second);
    for (auto& definition : definitions) source.push_back(definition);
    const std::string key = cacheKey(source);
    for (auto& expression : program.expressions) source.push_back(expression.first);
    const std::string cached = modulesFolder() + cacheKey(source);
    Image image;
    program.packed = readFile(cached);
    if (program.packed.size() > 128 && unpackImage(program.packed.data(), image) == 0) return true;

    WorkFolder work;
    if (work.path.empty()) {
        program.log = "cannot make a folder under /tmp";
        return false;
    }
    std::string library, text;
    if (!readLibrary(work, program.log, library) || !preprocess(program, definitions, work, key, text)) return false;
    image.parts.clear();
    // Without expressions its kernels have C linkage, and any of them may be asked for.
    if (!program.expressions.empty()) {
        if (!collect(program, library + text, work, image.parts)) return false;
    } else if (build(library + text, {}, work, program.log, library)) {
        image.parts.push_back({"", library});
    } else {
        return false;
    }
    image.checked = settings().check;
    program.packed = packImage(image);
    keep(cached, program.packed);
    return true;
}

}  // namespace emulator
