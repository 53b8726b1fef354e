using System.CommandLine;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using GptGen.Checkpoints;
using GptGen.Distributed;

namespace GptGen.Models.Commands;

/// <summary>What computes.</summary>
internal enum DeviceChoice
{
    /// <summary>The processor.</summary>
    Cpu,

    /// <summary>An NVIDIA GPU.</summary>
    Cuda,

    /// <summary>A GPU when it can be used, otherwise the processor.</summary>
    Auto,
}

/// <summary>
/// Where a command computes: <c>--device</c>, <c>--threads</c>, <c>--precision</c> and, of commands that train nothing, <c>--weights-type</c>. One
/// that <paramref name="writes"/> computes few tokens together, for which the CPU leaves matrices as they are.
/// </summary>
internal sealed class DeviceOptions(bool trains = false, bool writes = false)
{
    private readonly Option<DeviceChoice> device = CommonOptions.Choice(
        "--device", "What computes; auto is an NVIDIA GPU when it can be used, otherwise the CPU.", DeviceChoice.Auto);

    private readonly Option<int> threads = CommonOptions.Number("--threads", "Threads of the CPU; 0 means every core.", 0, 0, CpuDevice.MostThreads);

    private readonly Option<GpuPrecision> precision = CommonOptions.Choice(
        "--precision", "How exactly a GPU computes: tf32 rounds the factors of matrix products (3 digits) and is many times faster; bf16 also halves "
            + "weights and activations, but training keeps the weights in f32.", GpuPrecision.Float32, NameOf);

    private readonly WeightsTypeOption? weights = trains ? null : new();
    private readonly bool packs = !trains && !writes;

    /// <summary>Gives a command these options.</summary>
    internal void AddTo(Command command)
    {
        command.Add(device);
        command.Add(threads);
        command.Add(precision);
        weights?.AddTo(command);
    }

    /// <summary>Opens the device that was asked for.</summary>
    /// <param name="result">The command line.</param>
    /// <param name="others">The processes that compute together; null for one.</param>
    /// <exception cref="GptGenException">It cannot be used, or the system allows no more threads.</exception>
    internal Device Open(ParseResult result, Communicator? others = null)
    {
        var choice = result.GetValue(device);
        var count = result.GetValue(threads);
        var asked = result.GetValue(precision);
        var gpu = 0;
        if (others is not null)
        {
            var cores = HostCores.Of(others);
            count = ForSeveral(count, cores);
            (choice, gpu) = ForSeveral(choice, others, cores);
        }

        var type = weights?.Of(result, choice, NameOf(asked)) ?? ElementType.F32;
        return choice switch
        {
            DeviceChoice.Cpu when asked != GpuPrecision.Float32 => throw new GptGenException(
                $"--precision {NameOf(asked)} is for GPUs, and the CPU computes in f32: leave it out, or choose --device cuda."),
            DeviceChoice.Cpu => OpenCpu(count, type, packs),
            DeviceChoice.Cuda => new CudaDevice(gpu, asked),
            DeviceChoice.Auto when type != ElementType.F32 => OpenCpu(count, type, packs),
            _ => TryOpenCuda(asked) ?? OpenCpu(count, type, packs),
        };
    }

    /// <summary>How a device computes, as <c>--precision</c> calls it.</summary>
    internal static string PrecisionOf(Device device) => NameOf(device is CudaDevice cuda ? cuda.Precision : GpuPrecision.Float32);

    /// <summary>How <c>--precision</c> calls it.</summary>
    internal static string NameOf(GpuPrecision precision) => precision switch
    {
        GpuPrecision.TensorFloat32 => "tf32",
        GpuPrecision.BFloat16 => "bf16",
        _ => "f32",
    };

    /// <summary>The device of several processes, which is of one kind for all, and this one's GPU.</summary>
    private static (DeviceChoice Choice, int Gpu) ForSeveral(DeviceChoice choice, Communicator others, HostCores cores)
    {
        var isWanted = choice == DeviceChoice.Cuda || (choice == DeviceChoice.Auto && CudaDevice.DriverIsPresent);
        var (gpu, problem) = RankGpu.Choose(others, cores.LocalRank, isWanted);
        if (problem is null)
            return (DeviceChoice.Cuda, gpu);
        if (choice == DeviceChoice.Cuda)
            throw new GptGenException(problem);
        if (isWanted)
            Note.Show($"the CPU computes, because the GPUs cannot be used: {CommandLineText.Of(problem)}");
        others.RequireCpu();
        return (DeviceChoice.Cpu, 0);
    }

    /// <summary>The threads of one of several processes: without a number, its share of the cores that it may use.</summary>
    private static int ForSeveral(int threads, HostCores cores)
    {
        if (cores.Note is { } note)
            Note.Show(note);
        return threads > 0 ? threads : cores.Threads;
    }

    /// <summary>The GPU; null when there is none, and when it cannot be used, which is said where a driver is installed.</summary>
    private static Device? TryOpenCuda(GpuPrecision asked)
    {
        if (!CudaDevice.DriverIsPresent)
            return null;
        try
        {
            return new CudaDevice(precision: asked);
        }
        catch (GptGenException error)
        {
            Console.Error.WriteLine($"warning: the CPU computes, because the GPU cannot be used: {CommandLineText.Of(error.Message)}");
            return null;
        }
    }

    private static CpuDevice OpenCpu(int threads, ElementType weights, bool inferenceOnly)
    {
        if (!Vector256.IsHardwareAccelerated && RuntimeInformation.ProcessArchitecture == Architecture.X64)
        {
            Console.Error.WriteLine(!RuntimeFeature.IsDynamicCodeSupported && ProcessorHasAvx2()
                ? "warning: this program was compiled without AVX2 and is many times slower than it could be; "
                    + "publish it with IlcInstructionSet x86-64-v3."
                : "warning: this processor has no AVX2 (or it is switched off), so it is slow.");
        }

        try
        {
            return new CpuDevice(threads, weights, inferenceOnly);
        }
        catch (GptGenException error)
        {
            throw new GptGenException(
                $"--threads is {threads}{(threads == 0 ? " (every core)" : "")}, but the system allows no more threads: "
                + "raise the limit (ulimit -u) or give a smaller --threads.", error);
        }
    }

    /// <summary>What the processor says itself, whatever the program was compiled for.</summary>
    private static bool ProcessorHasAvx2()
    {
        const int Extensions = 7;
        const int Avx2 = 1 << 5;
        return X86Base.IsSupported && X86Base.CpuId(0, 0).Eax >= Extensions && (X86Base.CpuId(Extensions, 0).Ebx & Avx2) != 0;
    }
}
