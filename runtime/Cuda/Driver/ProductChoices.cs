using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using GptGen.Cuda.Driver.CublasLt;
using GptGen.Cuda.Kernels;
using GptGen.Cuda.Libraries;

namespace GptGen.Cuda.Driver;

/// <summary>
/// Which algorithm was the fastest, kept on the disk beside the compiled kernels, a file for each GPU, driver, cuBLASLt and shape: two runs with the
/// same files compute with the same algorithms, and so the same bits. Timing anew may choose others.
/// </summary>
internal sealed class ProductChoices
{
    /// <summary>Set to 1, the first product of each shape times 16 algorithms and keeps the fastest.</summary>
    public const string Variable = "GPTGEN_CUDA_TIMED";

    private readonly KernelCache cache;
    private readonly string machine;

    /// <summary>The choices of a GPU.</summary>
    public ProductChoices(GpuContext context, KernelCache cache)
    {
        this.cache = cache;
        machine = $"{context.Properties.Name}, driver {LoadedFiles.DriverVersion() ?? ""} of CUDA {CudaLibraries.StartDriver()}, "
            + $"cuBLASLt {GpuBlasLt.Version}";
    }

    /// <summary>Whether the user asked for timing.</summary>
    public static bool IsAsked => Environment.GetEnvironmentVariable(Variable) == "1";

    /// <summary>What was chosen before; null when nothing was, or the file is damaged.</summary>
    public MatmulAlgorithm? TryRead(ProductShape shape) =>
        cache.TryReadContent(FileOf(shape)) is { Length: MatmulAlgorithm.Bytes } bytes ? MemoryMarshal.Read<MatmulAlgorithm>(bytes) : null;

    /// <summary>Keeps a choice, where there is a place for it.</summary>
    public void Write(ProductShape shape, MatmulAlgorithm algorithm) =>
        cache.TryWriteContent(FileOf(shape), MemoryMarshal.AsBytes(new ReadOnlySpan<MatmulAlgorithm>(ref algorithm)).ToArray());

    private string FileOf(ProductShape shape) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{machine}: {shape}"))) + KernelCache.ChoiceExtension;
}
