// wgmma: a product's numbers come when its group is waited for, the latest moment that the programming model allows, and until then its factors are
// read: they are looked at when it is issued and once more at the end.
#include "warpgroup.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "Device/warpgroup.h"
#include "api.h"
#include "block.h"
#include "checker.h"
#include "proxy.h"
#include "reports.h"
#include "settings.h"

namespace emulator {
namespace {

constexpr int Threads = 128, Rows = 64, Depth = 16, MostColumns = 256;
constexpr uint32_t QuietNaN = 0x7FC00000;

// What all threads of a warpgroup must agree on.
struct Product {
    int columns;
    bool keep, fromRegisters, across;
    uint64_t left, right;
    int group, line;
    bool operator==(const Product& o) const {
        return columns == o.columns && keep == o.keep && fromRegisters == o.fromRegisters && across == o.across && left == o.left &&
               right == o.right && group == o.group && line == o.line;
    }
};

struct Warpgroup {
    Product product;
    int arrived = 0;
    Fiber* fibers[Threads];
    const unsigned* registers[Threads];  // of the left operand
    float* targets[Threads];
};

std::vector<Warpgroup> warpgroups;

void reportProduct(int line, const std::string& finding) { report("product of a warpgroup at line " + std::to_string(line) + ": " + finding); }

// Ends the grid where there is no way to go on.
[[noreturn]] void refuse(int line, const std::string& finding) {
    reportProduct(line, finding);
    abandonGrid(LaunchFailed);
}

// PTX ISA, "Matrix Descriptor Format", of tiles with rows of 128 bytes, eight of which are one pattern of the swizzle.
struct Operand {
    unsigned start, leading, stride;  // bytes in shared memory
    bool across;

    Operand(uint64_t descriptor, bool across, int line) : across(across) {
        auto field = [=](int bit) { return unsigned(descriptor >> bit & 0x3FFF) << 4; };
        start = field(0), leading = field(16), stride = field(32);
        if (descriptor >> 62 != 1)
            refuse(line, "swizzle " + std::to_string(descriptor >> 62) + " of a descriptor; only 1, of 128 bytes, is modelled");
        if (descriptor & ~0xC0003FFF3FFF3FFFull) refuse(line, "a descriptor with a base offset, or bits that have no meaning");
        // Within a row only the steps along k begin, within the pattern no tile.
        if (across ? start % 1024 != 0 : start % 1024 % 32 != 0 || start % 1024 >= 128)
            refuse(line, "a tile at byte " + std::to_string(start) + " of shared memory, which must be a multiple of 1024" +
                             (across ? "" : ", or 32, 64 or 96 behind one"));
    }

    // i: a row of the left operand or a column of the right one.
    const uint16_t* factor(int i, int k) const {
        unsigned offset = across ? i / 64 * leading + k / 8 * stride + k % 8 * 128 + i % 64 * 2 : i / 8 * stride + i % 8 * 128 + k * 2;
        offset += start;
        offset ^= offset >> 3 & 0x70;
        return reinterpret_cast<const uint16_t*>(dynamicShared().start + offset);
    }
};

float widen(unsigned bits) {
    bits <<= 16;
    float value;
    std::memcpy(&value, &bits, sizeof value);
    return value;
}

// Row and column of number i of a thread.
int rowOf(int thread, int i) { return thread / 32 * 16 + thread % 32 / 4 + i / 2 % 2 * 8; }
int columnOf(int thread, int i) { return i / 4 * 8 + thread % 4 * 2 + i % 2; }

PendingSum& sumOf(Fiber* fiber, float* target) {
    return *std::find_if(fiber->sums.begin(), fiber->sums.end(), [=](const PendingSum& sum) { return sum.target == target; });
}

void checkMeeting(const Fiber* fiber, const Product& product) {
    const int line = product.line;
    if (settings().major != 9) refuse(line, "only devices of compute capability 9.0 have it");
    if (fiber->index / Threads >= int(warpgroups.size())) refuse(line, "the block ends within its warpgroup of 128 threads");
    for (int warp = 0; warp < 4; warp++)
        if (block().warps[size_t(fiber->index / Threads * 4 + warp)].live != ~0u) refuse(line, "a thread of its warpgroup has returned");
    if (product.columns % 8 != 0 || product.columns < 8 || product.columns > MostColumns)
        refuse(line, std::to_string(product.columns) + " columns, which must be a multiple of 8 up to 256");
    const Warpgroup& group = warpgroups[size_t(fiber->index / Threads)];
    if (group.arrived > 0 && !(group.product == product))
        refuse(line, "the threads of its warpgroup differ in arguments, commits or the line, " + std::to_string(group.product.line));
}

// The factors that this thread holds in mma's fragments; each warp has the whole right operand, so what one thread writes others read.
void readFactors(const Fiber* fiber, const Product& product, PendingSum& sum) {
    int thread = fiber->index % Threads, first = thread % 4 * 2, outer = thread % 32 / 4, unfenced = -1;
    auto read = [&](const Operand& operand, int i) {
        for (int k : {first, first + 1, first + 8, first + 9}) {
            const uint16_t* address = operand.factor(i, k);
            if (!dynamicShared().contains(reinterpret_cast<uintptr_t>(address)))
                refuse(product.line, "its tile reaches outside the dynamic shared memory");
            checkAccess(const_cast<uint16_t*>(address), sizeof *address, Access::Read);
            unfenced = std::max(unfenced, unfencedWriter(address));
            sum.reads.push_back({address, *address, product.group});
        }
    };
    if (!product.fromRegisters) {
        Operand left(product.left, false, product.line);
        for (int half : {0, 8}) read(left, thread / 32 * 16 + outer + half);
    }
    Operand right(product.right, product.across, product.line);
    for (int column = outer; column < product.columns; column += 8) read(right, column);
    if (unfenced >= 0)
        reportProduct(product.line, "reads what thread " + std::to_string(unfenced) + " wrote without a proxy fence between its write and a barrier");
}

// The numbers of all threads, once all have come.
void multiply(const Warpgroup& group) {
    const Product& product = group.product;
    static float left[Rows][Depth], right[Depth][MostColumns], sums[Rows][MostColumns];
    if (product.fromRegisters) {
        for (int thread = 0; thread < Threads; thread++)
            for (int i = 0; i < 8; i++)  // registers 0 and 1: the first half of k
                left[rowOf(thread, i)][thread % 4 * 2 + i % 2 + i / 4 * 8] = widen(group.registers[thread][i / 2] >> i % 2 * 16 & 0xFFFF);
    } else {
        Operand operand(product.left, false, product.line);
        for (int row = 0; row < Rows; row++)
            for (int k = 0; k < Depth; k++) left[row][k] = widen(*operand.factor(row, k));
    }
    Operand operand(product.right, product.across, product.line);
    for (int k = 0; k < Depth; k++)
        for (int column = 0; column < product.columns; column++) right[k][column] = widen(*operand.factor(column, k));
    std::memset(sums, 0, sizeof sums);
    for (int row = 0; row < Rows; row++)
        for (int k = 0; k < Depth; k++)
            for (int column = 0; column < product.columns; column++) sums[row][column] += left[row][k] * right[k][column];
    for (int thread = 0; thread < Threads; thread++) {
        PendingSum& sum = sumOf(group.fibers[thread], group.targets[thread]);
        for (int i = 0; i < product.columns / 2; i++) {
            float& value = sum.value[size_t(i)];
            value = (product.keep ? value : 0) + sums[rowOf(thread, i)][columnOf(thread, i)];
            std::memcpy(sum.target + i, &QuietNaN, sizeof QuietNaN);
        }
    }
}

void checkUntouched(const PendingSum& sum) {
    if (std::any_of(sum.target, sum.target + sum.value.size(), [](const float& value) { return std::memcmp(&value, &QuietNaN, sizeof value) != 0; }))
        reportProduct(sum.line, "its sums were written before the product was waited for");
}

// True when the products into these registers are done.
bool retire(Fiber* fiber, PendingSum& sum, int firstInFlight) {
    bool changed = false;
    auto end = std::remove_if(sum.reads.begin(), sum.reads.end(), [&](const FactorRead& read) {
        if (read.group >= firstInFlight) return false;
        checkAccess(const_cast<uint16_t*>(read.address), sizeof *read.address, Access::Read);
        changed |= *read.address != read.seen;
        return true;
    });
    sum.reads.erase(end, sum.reads.end());
    if (changed) reportProduct(sum.line, "its tile was overwritten before the product was waited for");
    if (sum.group >= firstInFlight) return false;
    checkUntouched(sum);
    std::copy(sum.value.begin(), sum.value.end(), sum.target);
    fiber->unfencedSums.push_back(sum.target);
    return true;
}

}  // namespace

void prepareWarpgroups(int threads) {
    warpgroups.resize(size_t(threads / Threads));
    for (Warpgroup& group : warpgroups) group.arrived = 0;
}

void beginProducts(Fiber* fiber) {
    fiber->sums.clear();
    fiber->productGroup = 0;
    fiber->hasFenced = false;
    fiber->unfencedSums.clear();
}

void endProducts(const Fiber* fiber) {
    if (!fiber->sums.empty()) reportProduct(fiber->sums[0].line, "the kernel ends without having waited for it");
    size_t index = size_t(fiber->index / Threads);
    if (index < warpgroups.size() && warpgroups[index].arrived > 0) refuse(warpgroups[index].product.line, "a thread of its warpgroup has returned");
}

}  // namespace emulator

using namespace emulator;

extern "C" unsigned long long emulator_group_tile(const void* tile, int line) {
    auto address = reinterpret_cast<uintptr_t>(tile);
    if (!dynamicShared().contains(address)) refuse(line, "a tile outside the dynamic shared memory");
    return (address - dynamicShared().start) >> 4 | 1024ull >> 4 << 32 | 1ull << 62;
}

extern "C" void emulator_group_multiply(float* d, int columns, bool keep, const unsigned* a, unsigned long long left, unsigned long long right,
                                        bool across, int line) {
    Fiber* fiber = currentFiber();
    Product product{columns, keep, a != nullptr, across, a ? 0 : left, right, fiber->productGroup, line};
    checkMeeting(fiber, product);
    auto& unfenced = fiber->unfencedSums;
    if (!fiber->hasFenced || std::find(unfenced.begin(), unfenced.end(), d) != unfenced.end())
        reportProduct(line, "no fence since its registers were last used otherwise");
    auto known = std::find_if(fiber->sums.begin(), fiber->sums.end(), [=](const PendingSum& sum) { return sum.target == d; });
    if (known == fiber->sums.end()) known = fiber->sums.insert(known, {d, {d, d + columns / 2}, {}, 0, 0});
    else checkUntouched(*known);
    if (int(known->value.size()) != columns / 2) refuse(line, "another number of columns than the product in flight into the same registers");
    known->group = product.group;
    known->line = line;
    readFactors(fiber, product, *known);

    Warpgroup& group = warpgroups[size_t(fiber->index / Threads)];
    int thread = fiber->index % Threads;
    group.product = product;
    group.fibers[thread] = fiber;
    group.registers[thread] = a;
    group.targets[thread] = d;
    if (++group.arrived < Threads) return suspend(fiber);
    multiply(group);
    group.arrived = 0;
    for (Fiber* other : group.fibers)
        if (other != fiber) wake(other);
}

extern "C" void emulator_group_fence() {
    Fiber* fiber = currentFiber();
    fiber->hasFenced = true;
    fiber->unfencedSums.clear();
}

extern "C" void emulator_group_commit() { currentFiber()->productGroup++; }

extern "C" void emulator_group_wait(int groupsInFlight) {
    Fiber* fiber = currentFiber();
    int firstInFlight = fiber->productGroup - groupsInFlight;
    for (auto sum = fiber->sums.begin(); sum != fiber->sums.end();)
        sum = retire(fiber, *sum, firstInFlight) ? fiber->sums.erase(sum) : std::next(sum);
}
