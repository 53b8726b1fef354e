using System.Reflection;
using GptGen.Cuda.Driver;
using GptGen.Cuda.Kernels;
using GptGen.Cuda.Tests.Driver;
using Xunit;

namespace GptGen.Cuda.Tests.Kernels;

/// <summary>
/// All kernel sources as one program without named kernels. Where kernels are named, the emulator does not look at what none of them needs.
/// </summary>
public class WholeSourceTests
{
    /// <summary>Has a kernel of its own, which the device does not use.</summary>
    private const string SelfTest = "selftest.cu";

    [Theory]
    [InlineData(GpuPrecision.Float32)]
    [InlineData(GpuPrecision.BFloat16)]
    public void Every_line_compiles(GpuPrecision precision)
    {
        using var gpu = new TestGpu();
        var program = Whole(precision);
        var built = typeof(KernelSource).Assembly.GetManifestResourceNames().Where(static name => name.EndsWith(".cu", StringComparison.Ordinal));
        Assert.Equal(
            built.Where(static name => name != SelfTest).Order(),
            program.Sources.Select(static source => source.FileName).Where(static name => name.EndsWith(".cu", StringComparison.Ordinal)).Order());
        GpuModule.Load(gpu.Context, program, gpu.Cache).Dispose();
    }

    [Fact]
    public void A_mistake_where_no_kernel_needs_the_line_is_found()
    {
        using var gpu = new TestGpu();
        var program = Whole(GpuPrecision.Float32);
        program = program with { Sources = [.. program.Sources, new("needless.cuh", "__device__ int needless() { return nothing; }")] };
        Assert.Matches(
            "needless.cuh.*nothing", Assert.Throws<GptGenException>(() => GpuModule.Load(gpu.Context, program, gpu.Cache)).Message);
    }

    private static KernelProgram Whole(GpuPrecision precision) => KernelSet.Program(
        "all kernels", [.. Templates().Distinct().Select(static template => template.With())], new GpuElementTypes(precision).Defines)
        with { Kernels = [] };

    private static IEnumerable<KernelTemplate> Templates() =>
        from type in typeof(CudaDevice).Assembly.GetTypes()
        where !type.ContainsGenericParameters
        from field in type.GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
        where field.FieldType == typeof(KernelTemplate) || field.FieldType == typeof(KernelKey)
            || field.FieldType.IsAssignableTo(typeof(IEnumerable<KernelKey>))
        from template in field.GetValue(null) switch
        {
            KernelTemplate one => (IEnumerable<KernelTemplate>)[one],
            KernelKey key => [key.Template],
            IEnumerable<KernelKey> keys => keys.Select(static key => key.Template),
            _ => [],
        }
        select template;
}
