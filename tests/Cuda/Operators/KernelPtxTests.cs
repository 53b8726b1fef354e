using System.Text.RegularExpressions;
using GptGen.Cuda.Kernels;
using GptGen.Emulator;
using Xunit;

namespace GptGen.Cuda.Tests.Operators;

/// <summary>The kernels of attention, head and sampling by a compiler for real GPUs.</summary>
[Collection(OtherProcesses.Name)]
public class KernelPtxTests
{
    [Theory]
    [InlineData("sm_80", GpuPrecision.Float32)]
    [InlineData("sm_90a", GpuPrecision.BFloat16)]
    public void Kernels_compile_for_a_real_architecture(string architecture, GpuPrecision precision)
    {
        // Sizes change no types: few of each kind are enough.
        var all = precision == GpuPrecision.Float32;
        foreach (var headSize in all ? (int[])[5, 64, 256] : [5, 64])
        {
            var text = Compile(KernelsOf(headSize), architecture, precision);
            Assert.Equal(headSize % 4 == 0 && all, text.Contains("cp.async.cg", StringComparison.Ordinal));
        }

        foreach (var headSize in all ? (int[])[10, 64, 256] : [10, 64])
            Compile([.. KernelsOfRelative(headSize)], architecture, precision);
        Compile([.. Heads(new(precision)).Distinct()], architecture, precision);
        Compile(KernelsOfRows(30, 1), architecture, precision);
        Compile(KernelsOfRows(768, all ? 4 : 8), architecture, precision);
    }

    private static IEnumerable<KernelKey> KernelsOfRelative(int headSize) =>
        CudaDevice.RelativeKernels(headSize, vector: 1, drop: 0).Concat(CudaDevice.RelativeKernels(headSize, vector: 4, drop: 1))
            .Append(CudaDevice.DecodeTemplate.With(headSize, 1)).Distinct();

    private static string Compile(List<KernelKey> kernels, string architecture, GpuPrecision precision)
    {
        Assert.SkipWhen(PtxCompiler.Unavailable(architecture) is not null, PtxCompiler.Unavailable(architecture) ?? "");
        var result = PtxCompiler.Compile(
            KernelInstances.Text(kernels), architecture,
            new GpuElementTypes(precision).Defines.Select(static define => $"{define.Name}={define.Value}"));
        Assert.Equal("", result.Messages);
        Assert.NotNull(result.Ptx);
        Assert.Equal(kernels.Count, Regex.Count(result.Ptx, @"\.entry \w+\("));
        return result.Ptx;
    }

    private static List<KernelKey> KernelsOfRows(int width, int vector) =>
    [
        .. from kind in (BufferRole[])[BufferRole.Gradient, BufferRole.Activation]
           from change in (int[])[0, 1, 2]
           select CudaDevice.SumRunsTemplate.With(width, vector, change, (int)kind),
        .. from kind in (BufferRole[])[BufferRole.Gradient, BufferRole.Activation]
           select CudaDevice.JoinRunsTemplate.With(width, vector, (int)kind),
        .. from kind in (BufferRole[])[BufferRole.Parameter, BufferRole.Activation]
           from add in (int[])[0, 1]
           select CudaDevice.LookupTemplate.With(width, vector, add, (int)kind),
        .. from kind in (BufferRole[])[BufferRole.Activation, BufferRole.Workspace]
           select CudaDevice.ColumnSumsTemplate.With(vector, 256, (int)kind),
        .. from kind in (BufferRole[])[BufferRole.Activation, BufferRole.Workspace, BufferRole.Logit]
           select CudaDevice.AddBiasTemplate.With((int)kind),
        .. from function in Enum.GetValues<Activation>()
           from template in (KernelTemplate[])[CudaDevice.ActivateTemplate, CudaDevice.ActivateBackwardTemplate]
           select template.With((int)function),
        .. from function in Enum.GetValues<Activation>()
           from kept in (int[])[0, 1]
           select CudaDevice.AddBiasActivateTemplate.With((int)function, kept),
        CudaDevice.AddBiasResidualTemplate.With(0), CudaDevice.AddBiasResidualTemplate.With(1),
        CudaDevice.MeanRowsTemplate.With(vector, 256), CudaDevice.DropoutKernel, CudaDevice.CopySlotsKernel,
        CudaDevice.CopySlicesTemplate.With(vector, 0), CudaDevice.CopySlicesTemplate.With(vector, 1),
        CudaDevice.PositionLossTemplate.With(0), CudaDevice.PositionLossTemplate.With(1), .. CudaDevice.LstmStepKernels,
        CudaDevice.LstmLastState, .. CudaDevice.LstmStepBackwardKernels, .. CudaDevice.OneLaunchScanKernels(width, width),
        .. CudaDevice.OneLaunchScanBackwardKernels(width, width), CudaDevice.MixTemplate.With(3, 0), CudaDevice.MixTemplate.With(3, 1),
        CudaDevice.MomentPartsTemplate.With(3, 256), CudaDevice.JoinMomentsTemplate.With(3), CudaDevice.MixPartsTemplate.With(3, 256, 0),
        CudaDevice.MixPartsTemplate.With(3, 256, 1),
        CudaDevice.MixParametersTemplate.With(3), CudaDevice.MixBackwardTemplate.With(3, 0), CudaDevice.MixBackwardTemplate.With(3, 1),
        CudaDevice.HighwayKernel, CudaDevice.ClusterLogitsKernel, CudaDevice.HighwayBackwardKernel, .. CudaDevice.SampledHeadKernels,
        CudaDevice.AdamWTemplate.With(0), CudaDevice.AdamWTemplate.With(1),
        .. from window in (int[])[1, 7]
           from function in (Activation[])[Activation.Relu, Activation.Tanh]
           from template in (KernelTemplate[])[CudaDevice.CharactersTemplate, CudaDevice.CharactersBackwardTemplate]
           select template.With(window, (int)function),
    ];

    private static List<KernelKey> Heads(GpuElementTypes types) =>
    [
        LossBlock.Of(50257, types).Kernel(gradients: true), LossBlock.Of(50257, types, mostPacks: 13).Kernel(gradients: true),
        LossBlock.Of(50257, types, mostPacks: 0).Kernel(gradients: true, smoothed: true),
        LossBlock.Of(256, types, mostPacks: 0).Kernel(gradients: false), LossBlock.Of(256, types).Kernel(gradients: false),
        LossBlock.Of(30522, types).Kernel(gradients: true, smoothed: true), LossBlock.Of(256, types).Kernel(gradients: false, smoothed: true),
        CudaDevice.SampleKernel(50257), CudaDevice.SampleKernel(256),
    ];

    private static List<KernelKey> KernelsOf(int headSize)
    {
        AttentionPlan causal = new(headSize, AttentionMask.Causal, 1, 0, false), full = new(headSize, AttentionMask.Full, 0, 0, false);
        return
        [
            causal.Forward.Kernel, full.Forward.Kernel, causal.BackwardQueries.Kernel, full.BackwardQueries.Kernel, causal.BackwardKeys.Kernel,
            full.BackwardKeys.Kernel,
            CudaDevice.StoreKeysTemplate.With(headSize), CudaDevice.DecodeTemplate.With(headSize, 0), CudaDevice.CombineTemplate.With(headSize),
        ];
    }
}
