// The type of each buffer role's elements; the device says which, at compile time.
#ifndef GPTGEN_ROLES
#define GPTGEN_ROLES

using Parameter = PARAMETER_ELEMENT;
using Gradient = GRADIENT_ELEMENT;
using Moment = MOMENT_ELEMENT;
using Activation = ACTIVATION_ELEMENT;
using Cache = CACHE_ELEMENT;
using Workspace = WORKSPACE_ELEMENT;
using Statistic = float;
using Token = int;

// The first type where `First` is not 0, otherwise the second: the elements of a tensor that may have either role.
template <int First, class A, class B>
struct EitherOf {
    using Type = A;
};
template <class A, class B>
struct EitherOf<0, A, B> {
    using Type = B;
};
template <int First, class A, class B>
using Either = typename EitherOf<First, A, B>::Type;

#endif
