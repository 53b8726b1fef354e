using System.Globalization;
using GptGen.Distributed.Tcp;

namespace GptGen.Distributed;

/// <summary>
/// What started this process as one of several, read from the environment that launchers leave. The launcher also chooses MPI's library: with the
/// other one each process would be the only one of its kind, and all would write over each other's run.
/// </summary>
/// <param name="Launcher">What it is, for messages.</param>
/// <param name="Family">The library that it belongs to; null where it has none.</param>
/// <param name="Rank">This process's number.</param>
/// <param name="Size">Processes in all; null where only the library will tell.</param>
/// <param name="Meeting">Where the processes find each other without a library; null where the library knows.</param>
internal sealed record Launch(string Launcher, MpiFamily? Family, int Rank, int? Size, Meeting? Meeting = null)
{
    private const string TorchRun = "TORCHELASTIC_RUN_ID";
    private const string TorchAgentListens = "TORCHELASTIC_USE_AGENT_STORE";

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
        // What torchrun starts has the variables of what started torchrun too.
        var isTorch = !string.IsNullOrEmpty(variable(TorchRun));
        var launch = isTorch && Torch() is { } torch ? torch
            : Number("OMPI_COMM_WORLD_SIZE") is { } size
            ? new Launch("Open MPI's mpirun", MpiFamily.OpenMpi, Number("OMPI_COMM_WORLD_RANK") ?? 0, size)
            : Number("PMI_RANK") is { } rank && (Number("PMI_SIZE") ?? step) is { } ranks
                ? new(step is null ? "MPICH's mpiexec" : "srun or MPICH's mpiexec", MpiFamily.Mpich, rank, ranks)
            : Number("PMIX_RANK") is { } pmix ? new(step is null ? "a PMIx launcher" : "srun --mpi=pmix", MpiFamily.OpenMpi, pmix, step)
            : Torch();
        if (launch is null && step > 1)
        {
            throw new GptGenException(
                $"srun started {step} processes that cannot find each other: give srun --mpi=pmix (Open MPI) or --mpi=pmi2 (MPICH), whichever "
                + "'srun --mpi=list' names, or -n 1 for one process.");
        }

        return launch is { Size: 1 } ? null : launch;

        int? Number(string name) =>
            int.TryParse(variable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

        Launch? Torch()
        {
            if (Number("RANK") is not { } rank || Number("WORLD_SIZE") is not (> 0 and var size))
                return null;
            if (size > 1 && rank >= size)
                throw new GptGenException($"RANK is {rank}, but must be below WORLD_SIZE, {size}: give each process a number of its own, from 0.");
            var (address, port) = (variable("MASTER_ADDR"), Number("MASTER_PORT"));
            if (size > 1 && (string.IsNullOrEmpty(address) || port is not (> 0 and < ushort.MaxValue)))
            {
                throw new GptGenException(
                    $"WORLD_SIZE says that this is one of {size} processes, which find each other at MASTER_ADDR, the host of rank 0, and "
                    + "MASTER_PORT, a free port there: set both, or WORLD_SIZE to 1 for one process.");
            }

            // Where torchrun itself listens on that port, all take the next one.
            var place = new Meeting(address ?? "", (port ?? 0) + (variable(TorchAgentListens) == "True" ? 1 : 0), Number("LOCAL_RANK"));
            return new(isTorch ? "torchrun" : "Who set RANK and WORLD_SIZE", null, rank, size, place);
        }
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
