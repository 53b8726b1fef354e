using GptGen.Cuda.Driver;
using GptGen.Cuda.Kernels;

namespace GptGen.Cuda;

/// <summary>The type of each role's elements on the GPU: the one place that says so, for allocations, products and kernels.</summary>
internal static class GpuElementTypes
{
    /// <summary>Bytes of an element.</summary>
    public static int Size(BufferRole role) => role is BufferRole.Token or BufferRole.Statistic || Of(role) == GpuElement.Float32 ? 4 : 2;

    /// <summary>The type of a role's numbers; <see cref="BufferRole.Token"/> has integers instead.</summary>
    public static GpuElement Of(BufferRole role) => role switch
    {
        BufferRole.Parameter or BufferRole.Gradient or BufferRole.Moment or BufferRole.Activation or BufferRole.Cache
            or BufferRole.Workspace or BufferRole.Statistic =>
            GpuElement.Float32,
        _ => throw new ArgumentOutOfRangeException(nameof(role), role, "Integers have no type of numbers."),
    };

    /// <summary>The same for the kernels (<c>roles.cuh</c>).</summary>
    public static IReadOnlyList<KernelDefine> Defines { get; } =
    [
        Define("PARAMETER", BufferRole.Parameter),
        Define("GRADIENT", BufferRole.Gradient),
        Define("MOMENT", BufferRole.Moment),
        Define("ACTIVATION", BufferRole.Activation),
        Define("CACHE", BufferRole.Cache),
        Define("WORKSPACE", BufferRole.Workspace),
    ];

    private static KernelDefine Define(string name, BufferRole role) => new(
        $"{name}_ELEMENT",
        Of(role) switch
        {
            GpuElement.Float32 => "float",
            GpuElement.BFloat16 => "bf16",
            _ => throw new NotSupportedException($"The kernels have no elements of type {Of(role)}."),
        });
}
