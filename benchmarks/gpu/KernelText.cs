using System.Text;
using GptGen.Cuda;
using GptGen.Cuda.Kernels;
using GptGen.Models;

namespace GptGen.Benchmarks.Gpu;

/// <summary>A model's kernels as a file for nvcc, whose assembler reports registers and spills.</summary>
internal static class KernelText
{
    /// <summary>Writes <c>MODEL.cu</c>, in bf16 with the kernels for Hopper alone. A use of each kernel in host code makes nvcc compile it.</summary>
    public static int Write(ZooEntry entry, GpuPrecision precision, string folder)
    {
        var types = new GpuElementTypes(precision);
        var keys = CudaDevice.KernelsOf(new(entry.Description, types, HasWarpgroups: precision == GpuPrecision.BFloat16)).ToList();
        var program = KernelSet.Program($"the kernels of {entry.Name}", keys, types.Defines);
        var text = new StringBuilder();
        foreach (var define in program.Defines)
            text.Append("#define ").Append(define.Name).Append(' ').AppendLine(define.Value);
        text.Append(program.Text());
        for (var i = 0; i < keys.Count; i++)
            text.Append("auto* kernel").Append(i).Append(" = &").Append(keys[i].Expression).AppendLine(";");
        var path = Path.Combine(Directory.CreateDirectory(folder).FullName, entry.Name + ".cu");
        Checkpoints.AtomicFile.Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(text.ToString())));
        Console.WriteLine($"{keys.Count} kernels: {path}");
        return 0;
    }
}
