#include "settings.h"

#include <cstdlib>
#include <cstring>
#include <initializer_list>
#include <map>

#include "api.h"
#include "context.h"
#include "reports.h"

namespace emulator {
namespace {

struct Failure {
    int status;
    int countdown;  // fails at the call that brings this to 0
};

std::map<std::string, Failure> failures;

// "cuLaunchKernel=701@3" makes the third call from now on fail with status 701, "cuInit=803" the next one. Several are split by commas.
bool plant(const std::string& text) {
    failures.clear();
    size_t start = 0;
    while (start < text.size()) {
        size_t end = text.find(',', start);
        if (end == std::string::npos) end = text.size();
        std::string item = text.substr(start, end - start);
        size_t equals = item.find('='), at = item.find('@');
        if (equals == std::string::npos) return false;
        int status = std::atoi(item.c_str() + equals + 1);
        int countdown = at == std::string::npos ? 1 : std::atoi(item.c_str() + at + 1);
        if (status == 0 || countdown < 1) return false;
        failures[item.substr(0, equals)] = {status, countdown};
        start = end + 1;
    }
    return true;
}

bool apply(Settings& target, const std::string& name, const char* value) {
    if (name == "DEVICES") target.devices = std::atoi(value);
    else if (name == "NAME") target.name = value;
    else if (name == "MEMORY") target.memory = std::strtoull(value, nullptr, 10);
    else if (name == "CUDA") target.cuda = std::atoi(value);
    else if (name == "CHECK") target.check = std::atoi(value) != 0;
    else if (name == "DEFERRED") target.deferred = std::atoi(value) != 0;
    else if (name == "FASTEST") target.fastest = std::atoi(value);
    else if (name == "MODULES") target.modules = value;
    else if (name == "OMITTED") target.omitted = value;
    else if (name == "FAIL") return plant(value);
    else if (name == "CAPABILITY") {
        const char* dot = std::strchr(value, '.');
        if (!dot) return false;
        target.major = std::atoi(value);
        target.minor = std::atoi(dot + 1);
    } else return false;
    return true;
}

Settings fromEnvironment() {
    Settings result;
    for (const char* name : {"DEVICES", "NAME", "MEMORY", "CUDA", "CHECK", "DEFERRED", "FASTEST", "MODULES", "OMITTED", "FAIL",
                             "CAPABILITY"})
        if (const char* value = std::getenv((std::string("GPTGEN_EMULATOR_") + name).c_str())) apply(result, name, value);
    return result;
}

}  // namespace

Settings& settings() {
    static Settings instance = fromEnvironment();
    return instance;
}

int plantedFailure(const char* call) {
    if (failures.empty()) return 0;
    auto found = failures.find(call);
    if (found == failures.end() || --found->second.countdown > 0) return 0;
    int status = found->second.status;
    failures.erase(found);
    return status;
}

}  // namespace emulator

// Changes one setting of a running process; 0 when the name and the value are understood.
API int emulatorSet(const char* name, const char* value) {
    emulator::Call call(__func__, emulator::Needs::Nothing);
    return emulator::apply(emulator::settings(), name, value) ? 0 : 1;
}

// Back to the environment's settings: no planted failure, no report, no error of an earlier launch. Memory and handles stay.
API void emulatorReset() {
    emulator::Call call(__func__, emulator::Needs::Nothing);
    emulator::failures.clear();
    emulator::settings() = emulator::fromEnvironment();
    emulator::clearReports();
    emulator::clearError();
}
