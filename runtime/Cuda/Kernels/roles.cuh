// The type of each buffer role's elements; the device says which, at compile time.
#ifndef GPTGEN_ROLES
#define GPTGEN_ROLES

using Parameter = PARAMETER_ELEMENT;
using Gradient = GRADIENT_ELEMENT;
using Moment = MOMENT_ELEMENT;
using Activation = ACTIVATION_ELEMENT;
using Cache = CACHE_ELEMENT;
using Workspace = WORKSPACE_ELEMENT;
using Logit = float;
using Master = float;
using Statistic = float;
using Token = int;

// The elements of a tensor that may have several roles, by the number of the enum BufferRole.
template <int Role>
struct RoleElement;
template <>
struct RoleElement<0> {
    using Type = Parameter;
};
template <>
struct RoleElement<1> {
    using Type = Gradient;
};
template <>
struct RoleElement<3> {
    using Type = Activation;
};
template <>
struct RoleElement<7> {
    using Type = Workspace;
};
template <>
struct RoleElement<8> {
    using Type = Logit;
};
template <int Role>
using ElementOf = typename RoleElement<Role>::Type;

#endif
