using System.Globalization;

namespace GptGen.Cuda.Libraries;

/// <summary>A file name of a library and the major version of CUDA that it belongs to; 0 when it serves all.</summary>
internal readonly record struct LibraryFile(string Name, int CudaMajor);

/// <summary>One of CUDA's libraries: how its files are named.</summary>
internal sealed record CudaLibrary
{
    /// <summary>Where a name has CUDA's major version; a library that serves every version has none.</summary>
    private const string MajorPlace = "{0}";

    /// <summary>The versions of CUDA that this program can use, the newest first.</summary>
#if MANAGEDCUDA_PACKAGES
    // The official packages are written for CUDA 12.
    public static readonly IReadOnlyList<int> Majors = [12];
#else
    public static readonly IReadOnlyList<int> Majors = [13, 12];
#endif

    /// <summary>The driver, which comes with the GPU's driver and not with the toolkit.</summary>
    public static readonly CudaLibrary Driver = new()
    {
        Title = "the NVIDIA driver",
        Linux = ["libcuda.so.1"],
        Windows = ["nvcuda.dll"],
        Function = "cuDriverGetVersion",
    };

    /// <summary>Matrix products.</summary>
    public static readonly CudaLibrary Blas = new()
    {
        Title = "cuBLAS",
        Function = "cublasGemmEx",
        Linux = ["libcublas.so.{0}"],
        Windows = ["cublas64_{0}.dll"],
        LinuxCompanion = "libcublasLt.so.{0}",
        WindowsCompanion = "cublasLt64_{0}.dll",
    };

    /// <summary>Matrix products in which something more is done: a part of cuBLAS, in a file of its own.</summary>
    public static readonly CudaLibrary BlasLt = new()
    {
        Title = "cuBLASLt",
        Function = "cublasLtMatmul",
        Linux = ["libcublasLt.so.{0}"],
        Windows = ["cublasLt64_{0}.dll"],
    };

    /// <summary>The run-time compiler of kernels.</summary>
    public static readonly CudaLibrary Compiler = new()
    {
        Title = "NVRTC",
        Function = "nvrtcGetCUBIN",
        Linux = ["libnvrtc.so.{0}"],
        Windows = ["nvrtc64_{0}0_0.dll"],
        LinuxCompanion = "libnvrtc-builtins.so.{0}.*",
        WindowsCompanion = "nvrtc-builtins64_{0}*.dll",
    };

    /// <summary>What moves numbers between the GPUs of several processes. There is none for Windows.</summary>
    public static readonly CudaLibrary Nccl = new()
    {
        Title = "NCCL",
        Function = "ncclCommInitRank",
        Linux = ["libnccl.so.2"],
    };

    /// <summary>What messages call it.</summary>
    public required string Title { get; init; }

    /// <summary>A function that every version has, and a file of that name by somebody else has not.</summary>
    public required string Function { get; init; }

    private string[] Linux { get; init; } = [];

    private string[] Windows { get; init; } = [];

    private string? LinuxCompanion { get; init; }

    private string? WindowsCompanion { get; init; }

    /// <summary>The file names to look for in one place, the newest version first.</summary>
    public IReadOnlyList<LibraryFile> Files(SearchSystem system)
    {
        var names = system.IsWindows ? Windows : Linux;
        return names.Any(static name => name.Contains(MajorPlace, StringComparison.Ordinal))
            ? [.. system.CudaMajors.SelectMany(major => names.Select(name => new LibraryFile(Named(name, major), major)))]
            : [.. names.Select(static name => new LibraryFile(name, 0))];
    }

    /// <summary>
    /// Pattern of the file that the library itself loads by bare name, from the same folder. It is loaded first, because a library outside the
    /// loader's places would not find it. Null when there is none.
    /// </summary>
    public string? Companion(SearchSystem system, int major) =>
        (system.IsWindows ? WindowsCompanion : LinuxCompanion) is { } pattern ? Named(pattern, major) : null;

    private static string Named(string pattern, int major) => string.Format(CultureInfo.InvariantCulture, pattern, major);
}
