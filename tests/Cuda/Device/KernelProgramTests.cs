using GptGen.Cuda.Kernels;
using GptGen.Emulator;
using GptGen.Models;
using GptGen.Runtime.Tests.Models;
using Xunit;

namespace GptGen.Cuda.Tests.Device;

/// <summary>The kernels of whole models compile for real GPUs without a message, vectorised where the sizes allow it.</summary>
[Collection(OtherProcesses.Name)]
public class KernelProgramTests
{
    public static TheoryData<string, string, GpuPrecision> ModelsAndArchitectures
    {
        get
        {
            var data = new TheoryData<string, string, GpuPrecision>();
            foreach (var model in Models.Keys)
            {
                data.Add(model, "sm_80", GpuPrecision.Float32);
                data.Add(model, "sm_90a", GpuPrecision.BFloat16);
            }

            return data;
        }
    }

    private static readonly Dictionary<string, ModelDescription> Models = new()
    {
        [nameof(Gpt2Small)] = Gpt2Small.Specification,
        [nameof(Gpt2XL)] = Gpt2XL.Specification,
        [nameof(OddUntied)] = OddUntied.Specification,
        [nameof(PostNormalized)] = PostNormalized.Specification,
    };

    [Theory]
    [MemberData(nameof(ModelsAndArchitectures))]
    public void Every_kernel_of_a_model_compiles(string model, string architecture, GpuPrecision precision)
    {
        Assert.SkipWhen(PtxCompiler.Unavailable(architecture) is not null, PtxCompiler.Unavailable(architecture) ?? "");
        var types = new GpuElementTypes(precision);
        var keys = CudaDevice.KernelsOf(new(Models[model], types, HasWarpgroups: architecture == "sm_90a")).ToList();
        var result = Compile(keys, architecture, types);
        Assert.Equal("", result.Messages);
        Assert.Equal(keys.Count, Count(result.Ptx!, ".entry "));
        if (Models[model].Width % 4 == 0)
            Assert.Contains(precision == GpuPrecision.BFloat16 ? "ld.global.v4.u32" : "ld.global.v4.f32", result.Ptx);
        // A call would be of a function that no library is linked for.
        Assert.DoesNotContain("call.uni", result.Ptx);
    }

    /// <summary>One text: a use of each kernel in host code makes clang compile it.</summary>
    private static PtxResult Compile(List<KernelKey> keys, string architecture, GpuElementTypes types)
    {
        var program = KernelSet.Program("a test's kernels", keys, types.Defines);
        var uses = string.Concat(keys.Select(static (key, i) => $"auto* use{i} = &{key.Expression};\n"));
        return PtxCompiler.Compile(program.Text() + uses, architecture, program.Defines.Select(static define => $"{define.Name}={define.Value}"));
    }

    private static int Count(string text, string part) => text.Split(part).Length - 1;
}
