using System.Runtime.InteropServices;
using GptGen.Files;

namespace GptGen.Models.Comparison;

/// <summary>What a machine is, for people who read its numbers.</summary>
internal static class MachineName
{
    private const string ProcessorFile = "/proc/cpuinfo";

    /// <summary>The processor, its cores, and the GPU where that computes.</summary>
    internal static string Describe(Device device)
    {
        var processor = $"{Environment.ProcessorCount} cores of {Processor() ?? RuntimeInformation.ProcessArchitecture.ToString()}";
        return device is CudaDevice gpu ? $"{gpu.GpuName}, {processor}" : processor;
    }

    private static string? Processor()
    {
        try
        {
            return OperatingSystem.IsLinux()
                ? File.ReadLines(ProcessorFile).FirstOrDefault(static line => line.StartsWith("model name", StringComparison.Ordinal))
                    ?.Split(':', 2)[^1].Trim()
                : null;
        }
        catch (Exception error) when (InputFile.IsFailure(error))
        {
            return null;
        }
    }
}
