using GptGen.Cuda.Driver;
using GptGen.Cuda.Kernels;

namespace GptGen.Cuda;

/// <summary>
/// The type of each role's elements on a GPU that was opened with some precision: the one place that says so, for allocations, products and kernels.
/// </summary>
/// <param name="precision">How the GPU was opened.</param>
internal sealed class GpuElementTypes(GpuPrecision precision)
{
    /// <summary>How the GPU was opened.</summary>
    public GpuPrecision Precision => precision;

    /// <summary>What products of f32 factors are rounded to. Those of bf16 are exact.</summary>
    public ProductPrecision Products => precision == GpuPrecision.Float32 ? ProductPrecision.Float32 : ProductPrecision.TensorFloat32;

    /// <summary>Activations that lie in 16 bytes, the most that is loaded at once.</summary>
    public int Wide => 16 / Size(BufferRole.Activation);

    /// <summary>Whether weights are rounded from others, which training changes.</summary>
    public bool HasMaster => Of(BufferRole.Parameter) != Of(BufferRole.Master);

    /// <summary>Bytes of the activations if kernels may multiply them on tensor cores, otherwise 0.</summary>
    public int TensorBytes => precision == GpuPrecision.Float32 ? 0 : Size(BufferRole.Activation);

    /// <summary>Bytes of an element.</summary>
    public int Size(BufferRole role) => role == BufferRole.Token || Of(role) == GpuElement.Float32 ? 4 : 2;

    /// <summary>Bytes of an element and of what is kept beside it: of weights also the master.</summary>
    public int KeptSize(BufferRole role) => Size(role) + (role == BufferRole.Parameter && HasMaster ? Size(BufferRole.Master) : 0);

    /// <summary>The type of a role's numbers; <see cref="BufferRole.Token"/> has integers instead.</summary>
    public GpuElement Of(BufferRole role) => role switch
    {
        BufferRole.Parameter or BufferRole.Activation or BufferRole.Cache or BufferRole.Workspace =>
            precision == GpuPrecision.BFloat16 ? GpuElement.BFloat16 : GpuElement.Float32,
        BufferRole.Gradient or BufferRole.Moment or BufferRole.Statistic or BufferRole.Logit or BufferRole.Master => GpuElement.Float32,
        _ => throw new ArgumentOutOfRangeException(nameof(role), role, "Integers have no type of numbers."),
    };

    /// <summary>The same for the kernels (<c>roles.cuh</c>), and whether exponentials may be the hardware's (<c>prelude.cuh</c>).</summary>
    public IReadOnlyList<KernelDefine> Defines =>
    [
        Define("PARAMETER", BufferRole.Parameter),
        Define("GRADIENT", BufferRole.Gradient),
        Define("MOMENT", BufferRole.Moment),
        Define("ACTIVATION", BufferRole.Activation),
        Define("CACHE", BufferRole.Cache),
        Define("WORKSPACE", BufferRole.Workspace),
        new("QUICK_EXPONENTIAL", precision == GpuPrecision.BFloat16 ? 1 : 0),
    ];

    private KernelDefine Define(string name, BufferRole role) => new(
        $"{name}_ELEMENT",
        Of(role) switch
        {
            GpuElement.Float32 => "float",
            GpuElement.BFloat16 => "bf16",
            _ => throw new NotSupportedException($"The kernels have no elements of type {Of(role)}."),
        });
}
