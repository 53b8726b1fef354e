using System.Globalization;

namespace GptGen.Distributed;

/// <summary>
/// What started this process as one of several, read from the environment that launchers leave. The launcher also chooses MPI's library: with the
/// other one each process would be the only one of its kind, and all would write over each other's run.
/// </summary>
/// <param name="Launcher">What it is, for messages.</param>
/// <param name="Family">The library that it belongs to.</param>
/// <param name="Rank">This process's number.</param>
/// <param name="Size">Processes in all; null where only the library will tell.</param>
internal sealed record Launch(string Launcher, MpiFamily Family, int Rank, int? Size)
{
    /// <summary>The path of MPI's library, in the place of the one that the launcher chooses.</summary>
    internal const string LibraryVariable = "GPTGEN_MPI";

    /// <summary>This process; null where it is alone.</summary>
    /// <exception cref="GptGenException">There are several without an MPI among them.</exception>
    internal static Launch? Current() => Find(Environment.GetEnvironmentVariable);

    /// <summary>The same from any variables.</summary>
    /// <exception cref="GptGenException">There are several without an MPI among them.</exception>
    internal static Launch? Find(Func<string, string?> variable)
    {
        // A batch script of Slurm has SLURM_NTASKS and SLURM_PROCID without being one of several; a step's tasks have this.
        var step = Number("SLURM_STEP_NUM_TASKS");
        var launch = Number("OMPI_COMM_WORLD_SIZE") is { } size
            ? new Launch("Open MPI's mpirun", MpiFamily.OpenMpi, Number("OMPI_COMM_WORLD_RANK") ?? 0, size)
            : Number("PMI_RANK") is { } rank && (Number("PMI_SIZE") ?? step) is { } ranks
                ? new(step is null ? "MPICH's mpiexec" : "srun or MPICH's mpiexec", MpiFamily.Mpich, rank, ranks)
            : Number("PMIX_RANK") is { } pmix ? new(step is null ? "a PMIx launcher" : "srun --mpi=pmix", MpiFamily.OpenMpi, pmix, step)
            : null;
        if (launch is null && step > 1)
        {
            throw new GptGenException(
                $"srun started {step} processes that cannot find each other: give srun --mpi=pmix (Open MPI) or --mpi=pmi2 (MPICH), whichever "
                + "'srun --mpi=list' names, or -n 1 for one process.");
        }

        return launch is { Size: 1 } ? null : launch;

        int? Number(string name) =>
            int.TryParse(variable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
    }

    /// <summary>Refuses a library that knows of another number of processes than the launcher started.</summary>
    /// <param name="size">The number that the library says.</param>
    /// <param name="library">What it calls itself, or its file.</param>
    /// <exception cref="GptGenException">It does.</exception>
    internal void RequireSize(int size, string library)
    {
        if (Size is not { } started || started == size)
            return;
        throw new GptGenException(
            $"{Launcher} started {started} processes, but MPI ({library}) knows of {size}: its library is not the launcher's. Start with that "
            + $"library's own mpirun, or set {LibraryVariable} to the launcher's library.");
    }
}

/// <summary>Kinds of MPI libraries, which differ in the values of constants.</summary>
internal enum MpiFamily
{
    /// <summary>Open MPI and what is made of it: HPC-X, Spectrum MPI.</summary>
    OpenMpi,

    /// <summary>MPICH and what is made of it: Intel MPI, MVAPICH, Cray MPICH.</summary>
    Mpich,

    /// <summary>Any library with the standard ABI of MPI 5.0.</summary>
    Standard,
}
