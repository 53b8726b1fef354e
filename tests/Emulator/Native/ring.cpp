#include "ring.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <new>

namespace emulator {
namespace {

using Clock = std::chrono::steady_clock;

constexpr auto Patience = std::chrono::seconds(30);
constexpr auto BetweenLooks = std::chrono::milliseconds(10);

// A lock on one byte of the file is given back when its process ends, however it ends.
struct flock placeOf(int rank) {
    struct flock lock {};
    lock.l_type = F_WRLCK;
    lock.l_whence = SEEK_SET;
    lock.l_start = rank;
    lock.l_len = 1;
    return lock;
}

bool lockPlace(int file, int rank) {
    auto lock = placeOf(rank);
    return fcntl(file, F_OFD_SETLK, &lock) == 0;
}

bool isLocked(int file, int rank) {
    auto lock = placeOf(rank);
    return fcntl(file, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
}

void pause() { usleep(50); }

// The memory's file: rank 0 makes it anew, and the others wait for one whose maker lives, as one may be left of processes that were killed.
int openFile(const std::string& name, int rank, size_t bytes, Clock::time_point end) {
    if (rank == 0) {
        shm_unlink(name.c_str());
        int file = shm_open(name.c_str(), O_RDWR | O_CREAT | O_EXCL, 0600);
        if (file < 0) return -1;
        if (!lockPlace(file, 0) || ftruncate(file, off_t(bytes)) != 0) {
            close(file);
            return -1;
        }
        return file;
    }
    for (; Clock::now() < end; usleep(1000)) {
        int file = shm_open(name.c_str(), O_RDWR, 0600);
        if (file < 0) continue;
        struct stat status;
        if (fstat(file, &status) == 0 && size_t(status.st_size) == bytes && isLocked(file, 0)) return file;
        close(file);
    }
    return -1;
}

}  // namespace

Ring* Ring::join(const std::string& name, int size, int rank, int device, std::string& problem) {
    auto end = Clock::now() + Patience;
    size_t bytes = sizeof(RingHeader) + size_t(size) * SlotBytes;
    auto ring = new Ring;
    ring->file_ = openFile(name, rank, bytes, end);
    void* memory = ring->file_ < 0 ? MAP_FAILED : mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, ring->file_, 0);
    if (memory == MAP_FAILED || (rank > 0 && !lockPlace(ring->file_, rank))) {
        problem = rank == 0 ? std::string("no shared memory: ") + std::strerror(errno) : "rank 0 did not come";
        delete ring;
        return nullptr;
    }
    ring->header_ = static_cast<RingHeader*>(memory);
    ring->slots_ = static_cast<char*>(memory) + sizeof(RingHeader);
    ring->bytes_ = bytes;
    ring->rank_ = rank;
    ring->size_ = size;
    RingHeader& header = *ring->header_;
    header.ranks[rank].device = device;
    if (rank == 0) {
        header.size = size;
        header.ready = 1;
    }
    while (!header.ready && Clock::now() < end) pause();
    if (header.size != size) problem = "the ranks do not agree how many they are";
    header.present++;
    while (header.present < size && Clock::now() < end) pause();
    if (problem.empty() && header.present < size) problem = "only " + std::to_string(header.present) + " of " + std::to_string(size) + " ranks came";
    // All have it open, or never will.
    if (rank == 0) shm_unlink(name.c_str());
    if (problem.empty()) return ring;
    delete ring;
    return nullptr;
}

Ring::~Ring() {
    if (header_) {
        own().left = 1;
        munmap(header_, bytes_);
    }
    if (file_ >= 0) close(file_);
}

bool Ring::isHere(int rank) const { return !place(rank).left && isLocked(file_, rank); }

Meeting Ring::meet(const std::function<void(int)>& gone) {
    uint64_t number = ++own().arrived;
    auto look = Clock::now() + BetweenLooks;
    bool isTold = false;
    Clock::time_point end;
    for (int other = 0; other < size_; other++) {
        for (int spins = 0; place(other).arrived < number; spins++) {
            if (aborted_) return Meeting::Aborted;
            if (isTold && Clock::now() > end) return Meeting::Gone;
            if (spins > 100) pause();
            if (isTold || Clock::now() < look) continue;
            look = Clock::now() + BetweenLooks;
            for (int rank = 0; rank < size_ && !isTold; rank++) {
                // Looked at in this order: what it came to before it left counts.
                if (rank == rank_ || isHere(rank) || place(rank).arrived >= number) continue;
                gone(rank);
                isTold = true;
                end = Clock::now() + Patience;
            }
        }
    }
    return Meeting::Done;
}

}  // namespace emulator
