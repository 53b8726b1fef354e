namespace GptGen.Cuda.Libraries;

/// <summary>What to tell a user whose machine lacks something, in one line each.</summary>
internal static class LibraryAdvice
{
    /// <summary>That nothing is lost.</summary>
    public const string CpuWorks = "Everything also runs on the processor: use a CpuDevice.";

    /// <summary>The oldest driver that can run CUDA 12, in the driver's own numbers.</summary>
    private const string OldestDriver = "525";

    /// <summary>The oldest driver that can run CUDA 13, in the driver's own numbers.</summary>
    private const string DriverOfCuda13 = "580";

    private const string PackagesOfCuda12 = "pip install nvidia-cublas-cu12 nvidia-cuda-nvrtc-cu12";

    /// <summary>What was looked for, where, and what to install.</summary>
    public static string Missing(SearchResult search)
    {
        var refused = search.Refused.Count == 0 ? "" : $" ({string.Join("; ", search.Refused)})";
        var looked = $"looked for {string.Join(" and ", search.Files)} by the system's loader and in {search.Places.Count - 1} folders, "
            + "which 'gptgen doctor' lists";
        return $"CUDA cannot be used: {search.Library.Title} was not found{refused}; {looked}. {Remedy(search)} {CpuWorks}";
    }

    /// <summary>What to install, of a library that was not found.</summary>
    public static string Remedy(SearchResult search) =>
        search.Library == CudaLibrary.Driver ? InstallDriver(search.System)
        : search.Library == CudaLibrary.BlasLt
            ? $"It comes with cuBLAS, in the same folder; without it nothing is done within products. {Install(search)}"
        : search.Library == CudaLibrary.Nccl ? InstallNccl(search)
        : Install(search);

    /// <summary>The driver is older than CUDA 12.</summary>
    public static string DriverTooOld(int version) =>
        $"CUDA cannot be used: the driver runs CUDA {VersionText(version)}, and at least CUDA 12 is needed. "
        + $"Install driver {OldestDriver} or newer from https://www.nvidia.com/drivers. {CpuWorks}";

    /// <summary>CUDA's way of writing a version in one number, as people write it: 12040 is 12.4.</summary>
    public static string VersionText(int version) => $"{version / 1000}.{version % 1000 / 10}";

    private static string InstallDriver(SearchSystem system)
    {
        const string Install = "install the driver from https://www.nvidia.com/drivers";
        var advice = PciBus.HasNvidiaGpu(system) switch
        {
            true => $"This machine has an NVIDIA GPU: {Install}",
            false => $"This machine shows no NVIDIA GPU; where there is one, {Install}",
            null => $"{char.ToUpperInvariant(Install[0])}{Install[1..]}",
        };
        return advice + (system.IsWindows ? "." : "; start a container with '--gpus all'; under WSL install it in Windows.");
    }

    private static string InstallNccl(SearchResult search) => search.System.IsWindows
        ? "Only several processes on GPUs need it, on Linux."
        : "Only several processes on GPUs need it: install it with 'pip install nvidia-nccl-cu13' (CUDA 12: nvidia-nccl-cu12) or 'apt-get install "
            + $"libnccl2' from NVIDIA's packages, or set {SearchPlaces.PathVariable} to the folder that holds it.";

    private static string Install(SearchResult search)
    {
        var place = $"or set {SearchPlaces.PathVariable} to the folder that holds the library.";
        if (search.Refused.Any(static text => text.Contains("needs a driver", StringComparison.Ordinal)))
            return $"Install driver {DriverOfCuda13} or newer, or CUDA 12's libraries with '{PackagesOfCuda12}', {place}";
        return search.System.CudaMajors.Contains(13)
            ? "Install the CUDA Toolkit (https://developer.nvidia.com/cuda-downloads), "
                + "or only the libraries with 'pip install nvidia-cublas nvidia-cuda-nvrtc' " +
                $"(for a driver older than {DriverOfCuda13}: '{PackagesOfCuda12}'), {place}"
            : "This build uses CUDA 12 only: install that version of the CUDA Toolkit (https://developer.nvidia.com/cuda-toolkit-archive), " +
                $"or only its libraries with '{PackagesOfCuda12}', {place}";
    }
}
