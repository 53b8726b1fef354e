#include "compiler.h"

#include <dlfcn.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <set>

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
        std::error_code ignored;
        std::filesystem::remove_all(path, ignored);
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
    // emulator answers the calls.
    std::vector<std::string> flags = {"-std=c++17", "-fPIC", "-shared", "-fno-strict-aliasing", "-fvisibility=hidden", "-w", "-march=native",
                                      "-ffp-contract=fast", "-fno-math-errno", "-fno-exceptions", "-fno-rtti", "-fmax-errors=20",
                                      "-fsanitize=integer-divide-by-zero", "-nostdlib"};
    // A kernel is compiled for far longer than it runs. Reports name lines, which the least of debug information has.
    flags.push_back("-Og");
    if (settings().check)
        for (const char* flag : {"-g1", "-fsanitize=thread"}) flags.push_back(flag);
    return flags;
}

std::string cacheKey(const Program& program, const std::vector<std::string>& definitions) {
    uint64_t hash = hashBytes(buildStamp(), std::char_traits<char>::length(buildStamp()));
    auto add = [&](const std::string& text) { hash = hashBytes(text.c_str(), text.size() + 1, hash); };
    add(settings().check ? "checked" : "plain");
    add(program.source);
    add(program.name);
    for (auto& header : program.headers) add(header.first), add(header.second);
    for (auto& expression : program.expressions) add(expression.first);
    for (auto& definition : definitions) add(definition);
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

// The messages without the paths of the work folder.
std::string readLog(const std::string& path, const std::string& folder) {
    std::string log = readFile(path);
    for (size_t at; (at = log.find(folder + "/")) != std::string::npos;) log.erase(at, folder.size() + 1);
    return log;
}

}  // namespace

bool compile(Program& program, const std::vector<std::string>& definitions) {
    std::string self = ownPath();
    std::string cached = folderOf(self) + "/modules/" + cacheKey(program, definitions);
    Image image;
    program.packed = readFile(cached);
    if (program.packed.size() > 128 && unpackImage(program.packed.data(), image) == 0) return true;

    WorkFolder work;
    if (work.path.empty()) {
        program.log = "cannot make a folder under /tmp";
        return false;
    }
    std::string sourceFile = work.path + "/" + program.name, log = work.path + "/log";
    writeHeader(work.path, program.name, program.source);
    for (auto& header : program.headers) writeHeader(work.path, header.first, header.second);

    // First the preprocessor alone, with no system header in reach, as NVRTC has none: what it leaves is free of macros and conditions.
    std::vector<std::string> preprocess = {"g++", "-E", "-x", "c++", "-std=c++17", "-nostdinc", "-undef", "-DGPTGEN_EMULATOR=1", "-D__CUDACC__=1",
                                           "-D__CUDACC_RTC__=1", "-D__cplusplus=201703L", "-I" + work.path};
    for (auto& definition : definitions) preprocess.push_back("-D" + definition);
    std::string plain = work.path + "/preprocessed";
    for (const std::string& argument : {sourceFile, std::string("-o"), plain}) preprocess.push_back(argument);
    int status = runProcess(preprocess, log);
    program.log = readLog(log, work.path);
    if (status < 0) program.log = "g++ cannot be started";
    if (status != 0) return false;

    std::string prepared = prepareSource(readFile(plain));
    // A kernel with C linkage has its entry point already, under the same name.
    std::set<std::string> named;
    for (auto& expression : program.expressions)
        if (prepared.find("EMULATOR_KERNEL(" + expression.second + ", ") == std::string::npos && named.insert(expression.second).second)
            prepared += "\nEMULATOR_KERNEL(" + expression.second + ", 0, " + expression.first + ")";
    writeFile(work.path + "/kernels.ii", prepared + "\n");
    std::vector<std::string> command = {"g++"};
    for (const std::string& flag : compilerFlags()) command.push_back(flag);
    std::string library = work.path + "/kernels.so";
    for (const std::string& argument : {std::string("-include"), folderOf(self) + "/Device/device.h", std::string("-x"), std::string("c++"),
                                        work.path + "/kernels.ii", std::string("-x"), std::string("none"), std::string("-o"), library, self,
                                        std::string("-lm"), std::string("-lc"), std::string("-lgcc")})
        command.push_back(argument);
    status = runProcess(command, log);
    program.log = readLog(log, work.path);
    if (status != 0) return false;

    image.library = readFile(library);
    image.checked = settings().check;
    program.packed = packImage(image);
    mkdir((folderOf(self) + "/modules").c_str(), 0700);
    std::string temporary = cached + "." + std::to_string(getpid());
    writeFile(temporary, program.packed);
    std::rename(temporary.c_str(), cached.c_str());
    return true;
}

}  // namespace emulator
