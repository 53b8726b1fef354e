using System.CommandLine;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace GptGen.Models.Commands;

/// <summary>Where a command computes: <c>--device</c>, <c>--threads</c> and <c>--tf32</c>.</summary>
internal sealed class DeviceOptions
{
    private readonly Option<string> device = new("--device")
    {
        Description = "cpu, cuda, or auto: an NVIDIA GPU when it can be used, otherwise the CPU.",
        DefaultValueFactory = _ => "auto",
        HelpName = "name",
    };

    private readonly Option<int> threads = CommonOptions.Number("--threads", "Threads of the CPU; 0 means every core.", 0);

    private readonly Option<bool> tensorFloat32 = new("--tf32") { Description = "On a GPU, round the factors of matrix products to TF32: many times faster, 3 digits." };

    /// <summary>Gives a command these options.</summary>
    internal void AddTo(Command command)
    {
        command.Add(device);
        command.Add(threads);
        command.Add(tensorFloat32);
    }

    /// <summary>Opens the device that was asked for.</summary>
    /// <exception cref="GptGenException">There is no such device, or it cannot be used.</exception>
    internal Device Open(ParseResult result)
    {
        var name = result.GetValue(device);
        var count = result.GetValue(threads);
        var isTensorFloat32 = result.GetValue(tensorFloat32);
        if (count < 0)
            throw new GptGenException($"--threads is {count}, but must be at least 0 (0 means every core).");
        return name switch
        {
            "cpu" when isTensorFloat32 => throw new GptGenException("--tf32 is for GPUs: leave it out, or choose --device cuda."),
            "cpu" => OpenCpu(count),
            "cuda" => new CudaDevice(tensorFloat32: isTensorFloat32),
            "auto" => TryOpenCuda(isTensorFloat32) ?? OpenCpu(count),
            _ => throw new GptGenException($"There is no device '{name}': choose cpu, cuda or auto."),
        };
    }

    /// <summary>The GPU; null when there is none, and when it cannot be used, which is said where a driver is installed.</summary>
    private static Device? TryOpenCuda(bool isTensorFloat32)
    {
        if (!CudaDevice.DriverIsPresent)
            return null;
        try
        {
            return new CudaDevice(tensorFloat32: isTensorFloat32);
        }
        catch (GptGenException error)
        {
            Console.Error.WriteLine($"warning: the CPU computes, because the GPU cannot be used: {error.Message}");
            return null;
        }
    }

    private static CpuDevice OpenCpu(int threads)
    {
        if (!Vector256.IsHardwareAccelerated && RuntimeInformation.ProcessArchitecture == Architecture.X64)
            Console.Error.WriteLine("warning: this program was compiled without AVX2 and will be many times slower; publish it with IlcInstructionSet x86-64-v3.");
        return new CpuDevice(threads);
    }
}
