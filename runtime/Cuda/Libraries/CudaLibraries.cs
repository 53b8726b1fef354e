using System.Runtime.InteropServices;
using GptGen.Cuda.Driver;
using ManagedCuda;
using ManagedCuda.BasicTypes;
#if MANAGEDCUDA_PACKAGES
using System.Runtime.Loader;
#endif

namespace GptGen.Cuda.Libraries;

/// <summary>
/// CUDA's libraries in this process: found and loaded once, before the first call. Calls are declared under the names below and resolved to what
/// was found, so that neither a version nor a folder is fixed when the program is built.
/// </summary>
internal static class CudaLibraries
{
    /// <summary>The name under which calls of the driver are declared.</summary>
    public const string DriverImport = "gptgen-cuda-driver";

    /// <summary>The name under which calls of cuBLAS are declared.</summary>
    public const string BlasImport = "gptgen-cublas";

    /// <summary>The name under which calls of cuBLASLt are declared.</summary>
    public const string BlasLtImport = "gptgen-cublaslt";

    /// <summary>The name under which calls of NCCL are declared.</summary>
    public const string NcclImport = "gptgen-nccl";

    /// <summary>The name under which calls of NVRTC are declared.</summary>
    public const string CompilerImport = "gptgen-nvrtc";

    private const int OldestDriverVersion = 12000;

    private static readonly Lock s_lock = new();
    private static SearchResult? s_driver;
    private static SearchResult? s_blas;
    private static SearchResult? s_blasLt;
    private static SearchResult? s_compiler;
    private static SearchResult? s_nccl;
    private static bool s_resolving;

    /// <summary>The search for the driver's library, which is loaded when it was found.</summary>
    public static SearchResult Driver
    {
        get
        {
            lock (s_lock)
                return s_driver ??= Search(CudaLibrary.Driver, null);
        }
    }

    /// <summary>The version of CUDA that the driver runs, as 1000 x major + 10 x minor. The driver is initialised by this call.</summary>
    /// <exception cref="GptGenException">There is no driver, no GPU, or the driver is too old.</exception>
    public static int StartDriver()
    {
        var driver = Driver;
        if (driver.Found is null)
            throw new GptGenException(LibraryAdvice.Missing(driver));
        var version = 0;
        Status.Check(DriverAPINativeMethods.cuDriverGetVersion(ref version), "cuDriverGetVersion", "the start of CUDA");
        if (version < OldestDriverVersion)
            throw new GptGenException(LibraryAdvice.DriverTooOld(version));
        Status.Check(DriverAPINativeMethods.cuInit(CUInitializationFlags.None), "cuInit", "the start of CUDA");
        return version;
    }

    /// <summary>The search for cuBLAS, in a version that the driver runs.</summary>
    public static SearchResult Blas(int driverVersion)
    {
        lock (s_lock)
            return s_blas ??= Search(CudaLibrary.Blas, driverVersion / 1000);
    }

    /// <summary>The search for cuBLASLt, which comes with cuBLAS and which nothing requires, in no newer version than cuBLAS has.</summary>
    public static SearchResult BlasLt(int driverVersion)
    {
        lock (s_lock)
            return s_blasLt ??= Search(CudaLibrary.BlasLt, Blas(driverVersion).Found?.CudaMajor ?? driverVersion / 1000);
    }

    /// <summary>The search for NVRTC, in a version that the driver runs.</summary>
    public static SearchResult Compiler(int driverVersion)
    {
        lock (s_lock)
            return s_compiler ??= Search(CudaLibrary.Compiler, driverVersion / 1000);
    }

    /// <summary>The search for NCCL, which several processes on GPUs need; one file serves every version of CUDA.</summary>
    public static SearchResult Nccl
    {
        get
        {
            lock (s_lock)
                return s_nccl ??= Search(CudaLibrary.Nccl, null);
        }
    }

    /// <summary>Loads everything and initialises the driver.</summary>
    /// <exception cref="GptGenException">Something is missing; the message says what, and how to get it.</exception>
    public static void Require()
    {
        var version = StartDriver();
        foreach (var search in (SearchResult[])[Blas(version), Compiler(version)])
        {
            if (search.Found is null)
                throw new GptGenException(LibraryAdvice.Missing(search));
        }
    }

    private static SearchResult Search(CudaLibrary library, int? driverMajor)
    {
        if (!s_resolving)
        {
            Resolve();
            s_resolving = true;
        }

        return LibrarySearch.Run(SearchSystem.Current(), library, driverMajor);
    }

#if MANAGEDCUDA_PACKAGES
    /// <summary>
    /// ManagedCuda's packages ask for names without a version and have a resolver of their own; what that one does not find comes here.
    /// </summary>
    private static void Resolve() =>
        AssemblyLoadContext.Default.ResolvingUnmanagedDll += static (_, name) =>
            name == BlasLtImport ? Handle(s_blasLt)
            : name == NcclImport ? Handle(s_nccl)
            : name.Contains("cublas", StringComparison.OrdinalIgnoreCase) ? Handle(s_blas)
            : name.Contains("nvrtc", StringComparison.OrdinalIgnoreCase) ? Handle(s_compiler)
            : name.Contains("cuda", StringComparison.OrdinalIgnoreCase) ? Handle(s_driver)
            : 0;
#else
    private static void Resolve() =>
        NativeLibrary.SetDllImportResolver(typeof(CudaLibraries).Assembly, static (name, _, _) => name switch
        {
            DriverImport => Handle(s_driver),
            BlasImport => Handle(s_blas),
            BlasLtImport => Handle(s_blasLt),
            CompilerImport => Handle(s_compiler),
            NcclImport => Handle(s_nccl),
            _ => 0,
        });
#endif

    private static nint Handle(SearchResult? search) => search?.Found?.Handle ?? 0;
}
