// What the stand-in of NVRTC gives for a cubin: a header that says what made it, then shared libraries of this machine, which together hold the
// kernels.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace emulator {

// A library and the names of the kernels that are taken from it, each between line feeds: it may have others of an equal name, compiled from another
// text. Without names all are.
struct ImagePart {
    std::string kernels, library;
};

struct Image {
    std::vector<ImagePart> parts;
    bool checked = false;
};

std::string packImage(const Image& image);

// A CUresult: InvalidImage for bytes that are none or are damaged, NoBinaryForGpu for an image of another build of the emulator, or one
// that the checker's setting does not fit, so that a cache on disk makes a new one.
int unpackImage(const void* bytes, Image& image);

// Names this build of the emulator: a hash of its sources.
const char* buildStamp();

uint64_t hashBytes(const void* bytes, size_t count, uint64_t seed = 14695981039346656037ull);

}  // namespace emulator
