// What several processes share for the stand-in of NCCL: memory with a slot for each rank, and a meeting that notices who is gone.
#pragma once
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

namespace emulator {

// What a rank is about to do, so that differing calls are noticed instead of mixed up.
struct CollectiveCall {
    int kind;  // an index into collectiveNames
    int type;
    int root;
    uint64_t count;
};

constexpr int MostRanks = 64;
constexpr size_t SlotBytes = 256u << 10;

struct RankPlace {
    std::atomic<uint64_t> arrived;  // meetings that this rank has come to
    std::atomic<int> left;          // it destroyed its communicator
    int device;
    CollectiveCall collective;
};

struct RingHeader {
    std::atomic<int> ready;    // rank 0 has made it
    std::atomic<int> present;  // ranks that have come in
    int size;
    RankPlace ranks[MostRanks];
};

enum class Meeting { Done, Gone, Aborted };

class Ring {
public:
    // Joins the processes that know the same name; null, with the reason, where they do not come within half a minute.
    static Ring* join(const std::string& name, int size, int rank, int device, std::string& problem);
    ~Ring();

    // Waits until all have come as often as this rank. The first time that another one is gone, `gone` is told, and the wait goes on, as a kernel of
    // NCCL's does, until this communicator is aborted, or half a minute is over: tests end.
    Meeting meet(const std::function<void(int)>& gone);

    char* slot(int rank) const { return slots_ + size_t(rank) * SlotBytes; }
    RankPlace& place(int rank) const { return header_->ranks[rank]; }
    RankPlace& own() const { return header_->ranks[rank_]; }
    int rank() const { return rank_; }
    int size() const { return size_; }
    void abort() { aborted_ = true; }

private:
    bool isHere(int rank) const;

    int file_ = -1, rank_ = 0, size_ = 0;
    RingHeader* header_ = nullptr;
    char* slots_ = nullptr;
    size_t bytes_ = 0;
    std::atomic<bool> aborted_{false};
};

}  // namespace emulator
