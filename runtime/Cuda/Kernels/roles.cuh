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

#endif
