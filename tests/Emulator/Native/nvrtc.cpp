// NVRTC's entry points.
#include <cctype>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "api.h"
#include "compiler.h"
#include "handles.h"
#include "settings.h"

using namespace emulator;

namespace {

enum Result { Ok = 0, InvalidInput = 3, InvalidProgram = 4, InvalidOption = 5, CompilationError = 6, UnknownExpression = 10 };

Handles<Program> programs;

std::vector<int> architectures() {
    std::vector<int> supported = {75, 80, 86, 87, 89, 90, 100, 120};
    if (settings().cuda < 13000) supported.insert(supported.begin(), {50, 52, 53, 60, 61, 62, 70, 72});
    return supported;
}

bool isArchitecture(std::string value) {
    for (const char* prefix : {"sm_", "compute_"})
        if (value.rfind(prefix, 0) == 0) {
            int number = std::atoi(value.c_str() + std::strlen(prefix));
            for (int supported : architectures())
                if (supported == number) return true;
        }
    return false;
}

// Options that change nothing here: about speed, debugging, or the dialect that is the only one.
bool isHarmless(const std::string& option) {
    for (const char* known : {"--std=", "-std=", "--use_fast_math", "-use_fast_math", "--fmad=", "-fmad=", "--generate-line-info", "-lineinfo",
                              "--device-debug", "-G", "--dopt", "-dopt", "--ptxas-options=", "-Xptxas", "--maxrregcount=", "-maxrregcount=",
                              "--default-device", "-default-device",
                              "--extra-device-vectorization", "-extra-device-vectorization", "--restrict", "-restrict", "--disable-warnings", "-w",
                              "--ftz=",
                              "-ftz=", "--prec-sqrt=", "-prec-sqrt=", "--prec-div=", "-prec-div=", "--diag-suppress=", "-diag-suppress=", "--minimal",
                              "-minimal",
                              "--split-compile=", "--no-source-include", "--relocatable-device-code=false", "-rdc=false", "--device-int128",
                              "-device-int128", "--builtin-initializer-list=", "--modify-stack-limit="})
        if (option == known || (known[std::strlen(known) - 1] == '=' && option.rfind(known, 0) == 0)) return true;
    return false;
}

struct Options {
    std::vector<std::string> definitions;
    std::string wrong;
};

Options parse(int count, const char* const* texts) {
    Options options;
    for (int i = 0; i < count; i++) {
        std::string option = texts[i];
        auto after = [&](const char* prefix, std::string& value) {
            size_t length = std::strlen(prefix);
            if (option.rfind(prefix, 0) != 0) return false;
            value = option.substr(length);
            if (value.empty() && i + 1 < count) value = texts[++i];
            return true;
        };
        std::string value;
        if (after("--gpu-architecture=", value) || after("-arch=", value) || option == "-arch" || option == "--gpu-architecture") {
            if (value.empty() && i + 1 < count) value = texts[++i];
            if (!isArchitecture(value)) options.wrong = "invalid value for --gpu-architecture (-arch): " + value;
        } else if (after("--define-macro=", value) || after("-D", value)) {
            options.definitions.push_back(value);
        } else if (!isHarmless(option)) {
            options.wrong = "unrecognized option " + option + " found";
        }
    }
    return options;
}

// A name that can stand in a report: the expression with an underscore for every sign that no symbol has.
std::string symbolFor(std::string expression) {
    for (char& c : expression)
        if (!std::isalnum(static_cast<unsigned char>(c))) c = '_';
    return expression;
}

int copyOut(const std::string& text, char* target) {
    std::memcpy(target, text.data(), text.size());
    return Ok;
}

}  // namespace

API int nvrtcVersion(int* major, int* minor) {
    BEGIN_CALL(Needs::Nothing);
    *major = settings().cuda / 1000;
    *minor = settings().cuda % 1000 / 10;
    return Ok;
}

API const char* nvrtcGetErrorString(int result) {
    static const char* const names[] = {"NVRTC_SUCCESS", "NVRTC_ERROR_OUT_OF_MEMORY", "NVRTC_ERROR_PROGRAM_CREATION_FAILURE",
                                        "NVRTC_ERROR_INVALID_INPUT", "NVRTC_ERROR_INVALID_PROGRAM", "NVRTC_ERROR_INVALID_OPTION",
                                        "NVRTC_ERROR_COMPILATION",
                                        "NVRTC_ERROR_BUILTIN_OPERATION_FAILURE", "NVRTC_ERROR_NO_NAME_EXPRESSIONS_AFTER_COMPILATION",
                                        "NVRTC_ERROR_NO_LOWERED_NAMES_BEFORE_COMPILATION", "NVRTC_ERROR_NAME_EXPRESSION_NOT_VALID",
                                        "NVRTC_ERROR_INTERNAL_ERROR"};
    return result >= 0 && result < int(sizeof names / sizeof *names) ? names[result] : "NVRTC_ERROR unknown";
}

API int nvrtcGetNumSupportedArchs(int* count) {
    BEGIN_CALL(Needs::Nothing);
    *count = int(architectures().size());
    return Ok;
}

API int nvrtcGetSupportedArchs(int* values) {
    BEGIN_CALL(Needs::Nothing);
    for (int architecture : architectures()) *values++ = architecture;
    return Ok;
}

API int nvrtcCreateProgram(void** handle, const char* source, const char* name, int headerCount, const char* const* headers,
                           const char* const* headerNames) {
    BEGIN_CALL(Needs::Nothing);
    if (!source || headerCount < 0) return InvalidInput;
    auto program = std::make_shared<Program>();
    program->source = source;
    program->name = name && *name ? name : "default_program";
    for (int i = 0; i < headerCount; i++) program->headers[headerNames[i]] = headers[i];
    *handle = programs.add(program);
    return Ok;
}

API int nvrtcDestroyProgram(void** handle) {
    BEGIN_CALL(Needs::Nothing);
    if (!programs.remove(*handle)) return InvalidProgram;
    *handle = nullptr;
    return Ok;
}

API int nvrtcAddNameExpression(void* handle, const char* expression) {
    BEGIN_CALL(Needs::Nothing);
    auto program = programs.find(handle);
    if (!program) return InvalidProgram;
    program->expressions.push_back({expression, symbolFor(expression)});
    return Ok;
}

API int nvrtcGetLoweredName(void* handle, const char* expression, const char** name) {
    BEGIN_CALL(Needs::Nothing);
    auto program = programs.find(handle);
    if (!program) return InvalidProgram;
    for (auto& known : program->expressions)
        if (known.first == expression) {
            *name = known.second.c_str();
            return Ok;
        }
    return UnknownExpression;
}

API int nvrtcCompileProgram(void* handle, int optionCount, const char* const* options) {
    BEGIN_CALL(Needs::Nothing);
    auto program = programs.find(handle);
    if (!program) return InvalidProgram;
    Options parsed = parse(optionCount, options);
    if (!parsed.wrong.empty()) {
        program->log = "nvrtc: error: " + parsed.wrong;
        return InvalidOption;
    }
    return compile(*program, parsed.definitions) ? Ok : CompilationError;
}

API int nvrtcGetProgramLogSize(void* handle, size_t* size) {
    BEGIN_CALL(Needs::Nothing);
    auto program = programs.find(handle);
    if (!program) return InvalidProgram;
    *size = program->log.size() + 1;
    return Ok;
}

API int nvrtcGetProgramLog(void* handle, char* log) {
    BEGIN_CALL(Needs::Nothing);
    auto program = programs.find(handle);
    if (!program) return InvalidProgram;
    std::strcpy(log, program->log.c_str());
    return Ok;
}

API int nvrtcGetCUBINSize(void* handle, size_t* size) {
    BEGIN_CALL(Needs::Nothing);
    auto program = programs.find(handle);
    if (!program) return InvalidProgram;
    *size = program->packed.size();
    return Ok;
}

API int nvrtcGetCUBIN(void* handle, char* image) {
    BEGIN_CALL(Needs::Nothing);
    auto program = programs.find(handle);
    return program ? copyOut(program->packed, image) : int(InvalidProgram);
}

// There is no intermediate form: both calls give the same image.
API int nvrtcGetPTXSize(void* handle, size_t* size) {
    BEGIN_CALL(Needs::Nothing);
    return nvrtcGetCUBINSize(handle, size);
}

API int nvrtcGetPTX(void* handle, char* image) {
    BEGIN_CALL(Needs::Nothing);
    return nvrtcGetCUBIN(handle, image);
}
