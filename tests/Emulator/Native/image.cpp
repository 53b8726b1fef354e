#include "image.h"

#include <cstdio>
#include <cstring>

#include "api.h"
#include "settings.h"

#ifndef EMULATOR_STAMP
#define EMULATOR_STAMP "unstamped"
#endif

namespace emulator {
namespace {

constexpr char Magic[8] = {'G', 'P', 'T', 'G', 'E', 'N', 'E', '3'};

struct Header {
    char magic[8];
    char stamp[80];
    uint32_t checked;
    uint32_t reserved;
    uint64_t bytes;
    uint64_t hash;
};

}  // namespace

// FNV-1a.
uint64_t hashBytes(const void* bytes, size_t count, uint64_t seed) {
    auto* at = static_cast<const unsigned char*>(bytes);
    for (size_t i = 0; i < count; i++) seed = (seed ^ at[i]) * 1099511628211ull;
    return seed;
}

const char* buildStamp() { return EMULATOR_STAMP; }

std::string packImage(const Image& image) {
    Header header{};
    std::memcpy(header.magic, Magic, sizeof Magic);
    std::snprintf(header.stamp, sizeof header.stamp, "%s", buildStamp());
    header.checked = image.checked;
    std::string content;
    for (const ImagePart& part : image.parts)
        for (const std::string* text : {&part.kernels, &part.library}) {
            uint64_t bytes = text->size();
            content.append(reinterpret_cast<char*>(&bytes), sizeof bytes) += *text;
        }
    header.bytes = content.size();
    header.hash = hashBytes(content.data(), content.size());
    return std::string(reinterpret_cast<char*>(&header), sizeof header) + content;
}

int unpackImage(const void* bytes, Image& image) {
    if (!bytes) return InvalidValue;
    Header header;
    if (std::memcmp(bytes, Magic, sizeof Magic) != 0) return InvalidImage;
    std::memcpy(&header, bytes, sizeof header);
    if (std::strncmp(header.stamp, buildStamp(), sizeof header.stamp - 1) != 0) return NoBinaryForGpu;
    if ((header.checked != 0) != settings().check) return NoBinaryForGpu;
    const char* content = static_cast<const char*>(bytes) + sizeof header;
    if (hashBytes(content, header.bytes) != header.hash) return InvalidImage;
    for (const char* end = content + header.bytes; content < end;) {
        ImagePart& part = image.parts.emplace_back();
        for (std::string* text : {&part.kernels, &part.library}) {
            uint64_t size;
            std::memcpy(&size, content, sizeof size);
            text->assign(content += sizeof size, size);
            content += size;
        }
    }
    image.checked = header.checked != 0;
    return Success;
}

}  // namespace emulator
