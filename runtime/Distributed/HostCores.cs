namespace GptGen.Distributed;

/// <summary>What a process has of its machine, where several share it.</summary>
/// <param name="Threads">Threads that it should compute with.</param>
/// <param name="Processes">Processes on its machine, itself included.</param>
/// <param name="LocalRank">Its number among them.</param>
/// <param name="Note">What is worth a word; null where nothing is.</param>
internal readonly record struct HostCores(int Threads, int Processes, int LocalRank, string? Note)
{
    /// <summary>Asks all processes where they are and which cores they may use. Launchers bind each to cores of its own, or none to any.</summary>
    internal static HostCores Of(Communicator others)
    {
        var own = (stackalloc double[2] { Agreement.Number(others.Host), Agreement.Number($"{others.Host} {AllowedCores()}") });
        var all = new double[own.Length * others.Size];
        others.Exchange(own, all);
        var (here, before, sharing) = (0, 0, 0);
        for (var rank = 0; rank < others.Size; rank++)
        {
            before = rank == others.Rank ? here : before;
            here += all[2 * rank] == own[0] ? 1 : 0;
            sharing += all[(2 * rank) + 1] == own[1] ? 1 : 0;
        }

        var cores = Environment.ProcessorCount;
        return new(
            Math.Max(1, cores / sharing), here, others.LocalRank ?? before,
            sharing <= cores ? null : $"{sharing} processes share {cores} {(cores == 1 ? "core" : "cores")} of {others.Host}: start no more than "
                + "there are cores, as those that wait for the others may keep a core from those who compute (MPICH's do)");
    }

    /// <summary>The cores that the system lets this process use, as it writes them.</summary>
    private static string AllowedCores()
    {
        const string Key = "Cpus_allowed_list:";
        try
        {
            return File.ReadLines("/proc/self/status").FirstOrDefault(static line => line.StartsWith(Key, StringComparison.Ordinal)) ?? "";
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
