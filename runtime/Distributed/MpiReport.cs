using System.Runtime.InteropServices;
using GptGen.Distributed.Mpi;

namespace GptGen.Distributed;

/// <summary>One of the MPI libraries that several processes can use, as it was found on this machine.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Launcher">What starts processes that use it.</param>
/// <param name="Files">The file names that were looked for.</param>
/// <param name="Path">The file that was found, or its name where the system's loader found it; null where there is none.</param>
/// <param name="Version">What it calls itself.</param>
/// <param name="Remedy">How to get it.</param>
internal sealed record MpiReport(string Name, string Launcher, IReadOnlyList<string> Files, string? Path, string? Version, string Remedy)
{
    /// <summary>Looks for each library. Nothing is started, and the libraries do not see each other.</summary>
    internal static IReadOnlyList<MpiReport> Run() =>
    [
        Of(MpiFamily.OpenMpi, "Open MPI", "mpirun, srun --mpi=pmix", "apt-get install openmpi-bin, or the cluster's module"),
        Of(MpiFamily.Mpich, "MPICH", "mpiexec, srun --mpi=pmi2", "apt-get install mpich, or the cluster's module of MPICH, Intel MPI or Cray MPICH"),
    ];

    private static MpiReport Of(MpiFamily family, string name, string launcher, string remedy)
    {
        var files = MpiLibrary.FilesOf(family);
        if (!OperatingSystem.IsLinux())
            return new(name, launcher, files, null, null, "It is used on Linux only.");
        SystemLibrary.SetDefault("UCX_ERROR_SIGNALS", "");
        MpiReport? report = null;
        SystemLibrary.KeepingFaults(() =>
        {
            foreach (var file in files)
            {
                if (NativeLibrary.TryLoad(file, out var handle) && NativeLibrary.TryGetExport(handle, "MPI_Init_thread", out _))
                {
                    report = new(name, launcher, files, file, MpiLibrary.VersionOf(handle), remedy);
                    return;
                }
            }
        });
        return report ?? new(name, launcher, files, null, null, remedy);
    }
}
