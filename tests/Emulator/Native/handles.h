// The live objects of one kind, so that a handle that was destroyed or never made is an error and not a crash.
#pragma once
#include <memory>
#include <unordered_map>

namespace emulator {

template <class T>
class Handles {
public:
    T* add(std::shared_ptr<T> object) {
        T* handle = object.get();
        live_[handle] = std::move(object);
        return handle;
    }

    std::shared_ptr<T> find(const void* handle) const {
        auto found = live_.find(const_cast<void*>(handle));
        return found == live_.end() ? nullptr : found->second;
    }

    bool remove(const void* handle) { return live_.erase(const_cast<void*>(handle)) != 0; }

private:
    std::unordered_map<void*, std::shared_ptr<T>> live_;
};

}  // namespace emulator
