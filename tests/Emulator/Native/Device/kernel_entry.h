// How the driver calls a kernel: by an array of pointers to its arguments, whose sizes the module states.
#pragma once

template <auto Kernel>
struct EmulatorEntry;

template <int... Indices>
struct EmulatorIndices {};

template <class... Parameters, void (*Kernel)(Parameters...)>
struct EmulatorEntry<Kernel> {
    template <class T>
    struct Value { using type = T; };
    template <class T>
    struct Value<const T> { using type = T; };

    template <int... Indices>
    __attribute__((no_sanitize("thread"), noinline)) static void call(void** arguments, EmulatorIndices<Indices...>) {
        Kernel(*(typename Value<Parameters>::type*)arguments[Indices]...);
    }
    static void call(void** arguments) { call(arguments, EmulatorIndices<__integer_pack(sizeof...(Parameters))...>()); }
};

template <auto Kernel, int MaximumThreads>
struct EmulatorParameters;

// The most threads a block may have (0: any), then each parameter's bytes, then 0.
template <class... Parameters, void (*Kernel)(Parameters...), int MaximumThreads>
struct EmulatorParameters<Kernel, MaximumThreads> {
    static constexpr int list[] = {MaximumThreads, (int)sizeof(Parameters)..., 0};
};
