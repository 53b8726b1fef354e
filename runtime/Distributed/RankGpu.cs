using GptGen.Cuda.Driver;
using GptGen.Cuda.Libraries;

namespace GptGen.Distributed;

/// <summary>Which GPU each of several processes takes.</summary>
internal static class RankGpu
{
    /// <summary>Asks all processes for their GPUs, also one that wants none; what comes of it is the same for all.</summary>
    /// <param name="others">The processes.</param>
    /// <param name="localRank">This process's number on its machine.</param>
    /// <param name="isWanted">Whether it wants to compute on a GPU.</param>
    /// <returns>The GPU's number; or why not all have one of their own, with what to do.</returns>
    internal static (int Gpu, string? Problem) Choose(Communicator others, int localRank, bool isWanted)
    {
        var (gpu, number, problem) = isWanted ? Own(others, localRank) : (0, 0, "This process computes on the CPU.");
        var all = new double[others.Size];
        others.Exchange([number], all);
        for (var rank = 0; rank < all.Length && problem is null; rank++)
        {
            var twin = Array.IndexOf(all, all[rank]);
            problem = all[rank] == 0
                ? $"Rank {rank} has no GPU that it can use: 'gptgen doctor' on its host says why. {LibraryAdvice.CpuWorks}"
                : twin < rank
                    ? $"Ranks {twin} and {rank} would share a GPU: start one process for each GPU of a host. {LibraryAdvice.CpuWorks}"
                    : null;
        }

        return (gpu, problem);
    }

    /// <summary>This process's GPU, with a number that no other GPU has; 0 and the reason where there is none.</summary>
    private static (int Gpu, double Number, string? Problem) Own(Communicator others, int localRank)
    {
        try
        {
            CudaLibraries.Require();
            _ = GpuCollectives.Require();
            var count = GpuProperties.Count();
            // A launcher may show each process a GPU of its own.
            var gpu = count == 1 ? 0 : localRank;
            return gpu < count
                ? (gpu, 1 + Agreement.Number($"{others.Host} {GpuProperties.BusAddress(gpu)}"), null)
                : (gpu, 0, $"{others.Host} has more processes than its {count} GPUs: start one process for each. {LibraryAdvice.CpuWorks}");
        }
        catch (GptGenException error)
        {
            return (0, 0, error.Message);
        }
    }
}
