using System.Runtime.Intrinsics;

namespace GptGen.Models.Commands;

/// <summary>Opens the device that <c>--device</c> names.</summary>
internal static class Devices
{
    internal static Device Open(string name, int threads)
    {
        if (threads < 0)
            throw new GptGenException($"--threads is {threads}, but must be at least 0 (0 means every core).");
        if (name is not ("cpu" or "auto"))
            throw new GptGenException($"There is no device '{name}': this version runs on cpu.");
        if (!Vector256.IsHardwareAccelerated && System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture == System.Runtime.InteropServices.Architecture.X64)
            Console.Error.WriteLine("warning: this program was compiled without AVX2 and will be many times slower; publish it with IlcInstructionSet x86-64-v3.");
        return new CpuDevice(threads);
    }
}
