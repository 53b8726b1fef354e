using System.Globalization;
using GptGen.Cuda;
using GptGen.Cuda.Driver;
using GptGen.Cuda.Kernels;
using GptGen.Cuda.Libraries;

namespace GptGen;

/// <summary>One of CUDA's libraries as it was found.</summary>
/// <param name="Name">"the NVIDIA driver", "cuBLAS", "NVRTC", or what is not required: "cuBLASLt", and "NCCL", which several
/// processes on GPUs need.</param>
/// <param name="Path">Its file; null when it was not found.</param>
/// <param name="Version">Its version; null when it is not known.</param>
/// <param name="Files">The file names that were looked for.</param>
/// <param name="Places">The places that were searched, in order.</param>
/// <param name="Refused">Files that exist and cannot be used, with the reason.</param>
/// <param name="Remedy">What to install; null when it was found.</param>
public sealed record CudaLibraryReport(
    string Name, string? Path, string? Version, IReadOnlyList<string> Files, IReadOnlyList<string> Places, IReadOnlyList<string> Refused,
    string? Remedy);

/// <summary>A GPU of this machine.</summary>
/// <param name="Ordinal">Its number, from 0.</param>
/// <param name="Name">What NVIDIA calls it.</param>
/// <param name="ComputeCapability">Its generation, as "9.0".</param>
/// <param name="MemoryBytes">All of its memory.</param>
/// <param name="FreeBytes">What is free of it; null when the GPU could not be opened.</param>
/// <param name="Multiprocessors">Its streaming multiprocessors.</param>
/// <param name="Problem">Why it cannot be used, and what to do; null when a kernel and a matrix product gave the right results on it.</param>
public sealed record CudaGpuReport(
    int Ordinal, string Name, string ComputeCapability, long MemoryBytes, long? FreeBytes, int Multiprocessors, string? Problem);

/// <summary>
/// What this machine has for CUDA, found by trying: each library is loaded, and on each GPU a kernel is compiled and run and a matrix product
/// computed. Nothing is thrown for what is missing.
/// </summary>
/// <param name="Problem">Why CUDA cannot be used, and what to do; null when at least one GPU can be used.</param>
/// <param name="DriverVersion">Version of the installed driver, as "580.65.06"; null when it is not known.</param>
/// <param name="CudaVersion">The version of CUDA that the driver runs, as "13.0"; null without a driver.</param>
/// <param name="Libraries">The libraries.</param>
/// <param name="Gpus">The GPUs.</param>
/// <param name="KernelCache">The folder in which compiled kernels are kept; null when they are not.</param>
/// <param name="KernelCacheProblem">Why they are not kept, and what to do; null when they are.</param>
public sealed record CudaDiagnosis(
    string? Problem, string? DriverVersion, string? CudaVersion, IReadOnlyList<CudaLibraryReport> Libraries, IReadOnlyList<CudaGpuReport> Gpus,
    string? KernelCache, string? KernelCacheProblem)
{
    /// <summary>Whether CUDA can be used.</summary>
    public bool Usable => Problem is null;

    /// <summary>Looks at this machine. Takes some seconds where there is a GPU.</summary>
    public static CudaDiagnosis Run()
    {
        var libraries = new List<CudaLibraryReport>();
        var gpus = new List<CudaGpuReport>();
        var cache = Cuda.Kernels.KernelCache.OfUser();
        libraries.Add(Report(CudaLibraries.Driver, LoadedFiles.DriverVersion()));
        var cudaVersion = Start(out var problem);
        // Without a driver the libraries are still worth a look: the user learns at once about all that is missing.
        var blas = CudaLibraries.Blas(cudaVersion ?? CudaLibrary.Majors[0] * 1000);
        var compiler = CudaLibraries.Compiler(cudaVersion ?? CudaLibrary.Majors[0] * 1000);
        var blasLt = CudaLibraries.BlasLt(cudaVersion ?? CudaLibrary.Majors[0] * 1000);
        libraries.Add(Report(blas, LoadedFiles.VersionInName(blas)));
        libraries.Add(Report(blasLt, LoadedFiles.VersionInName(blasLt)));
        libraries.Add(Report(compiler, compiler.Found is null ? null : KernelCompiler.Version()));
        libraries.Add(ReportNccl());
        try
        {
            if (problem is null)
                problem = TryGpus(gpus, cache);
        }
        catch (GptGenException error)
        {
            problem = error.Message;
        }

        var unkept = cache.Problem;
        return new(
            problem, LoadedFiles.DriverVersion(), cudaVersion is { } version ? LibraryAdvice.VersionText(version) : null, libraries, gpus,
            unkept is null ? cache.Folder : null, unkept);
    }

    /// <summary>The version of CUDA that the driver runs; null, and the problem, when it does not start.</summary>
    private static int? Start(out string? problem)
    {
        problem = null;
        try
        {
            return CudaLibraries.StartDriver();
        }
        catch (GptGenException error)
        {
            problem = error.Message;
            return null;
        }
    }

    /// <summary>NCCL, which counts as not found where it is too old.</summary>
    private static CudaLibraryReport ReportNccl()
    {
        var search = CudaLibraries.Nccl;
        try
        {
            return Report(search, search.Found is null ? null : GpuCollectives.Require());
        }
        catch (GptGenException error)
        {
            return Report(search with { Found = null, Refused = [.. search.Refused, error.Message] }, null);
        }
    }

    /// <summary>Tries each GPU; the problem when none can be used.</summary>
    private static string? TryGpus(List<CudaGpuReport> gpus, KernelCache cache)
    {
        CudaLibraries.Require();
        var count = GpuProperties.Count();
        for (var ordinal = 0; ordinal < count; ordinal++)
            gpus.Add(Try(GpuProperties.Read(ordinal), cache));
        if (gpus.Any(static gpu => gpu.Problem is null))
            return null;
        return gpus.FirstOrDefault()?.Problem
            ?? "CUDA cannot be used: the driver shows no GPU. Check CUDA_VISIBLE_DEVICES. " + LibraryAdvice.CpuWorks;
    }

    private static CudaLibraryReport Report(SearchResult search, string? version) => new(
        search.Library.Title, search.Found is null ? null : LoadedFiles.FullPath(search.Found), version, search.Files,
        [.. search.Places.Select(static place => place.ToString())], search.Refused, search.Found is null ? LibraryAdvice.Remedy(search) : null);

    private static CudaGpuReport Try(GpuProperties gpu, KernelCache cache)
    {
        long? free = null;
        string? problem = null;
        try
        {
            using var context = GpuContext.Open(gpu.Ordinal);
            free = context.Memory("the look at a GPU").Free;
            SelfTest.Run(context, cache);
        }
        catch (GptGenException error)
        {
            problem = error.Message;
        }

        var capability = string.Create(CultureInfo.InvariantCulture, $"{gpu.ComputeCapability / 10}.{gpu.ComputeCapability % 10}");
        return new(gpu.Ordinal, gpu.Name, capability, gpu.MemoryBytes, free, gpu.MultiprocessorCount, problem);
    }
}
