namespace GptGen.Distributed;

/// <summary>
/// Work in pieces that several processes divide: each computes every so many-th piece, and all get the results of all pieces in their order, so that
/// what is made of them has the bits of one process.
/// </summary>
internal static class DividedWork
{
    /// <summary>Computes pieces. All processes ask for all results, and all stop when one is asked to.</summary>
    /// <param name="others">The processes; null for one.</param>
    /// <param name="pieces">The pieces, the same in each process.</param>
    /// <param name="width">The most numbers of a piece's result.</param>
    /// <param name="compute">Computes a piece and writes its result; what it leaves is 0.</param>
    /// <param name="cancellation">Ends the work between two pieces.</param>
    /// <returns>Each piece with its result, which is of use until the next one is asked for.</returns>
    /// <exception cref="GptGenException">Another process cannot be reached.</exception>
    /// <exception cref="OperationCanceledException">A token asked to stop.</exception>
    internal static IEnumerable<(T Piece, ReadOnlyMemory<double> Result)> Of<T>(
        Communicator? others, IEnumerable<T> pieces, int width, Action<T, Span<double>> compute, CancellationToken cancellation = default)
    {
        var (ranks, rank) = (others?.Size ?? 1, others?.Rank ?? 0);
        // Beside its result a process tells whether it is asked to stop.
        var own = new double[width + 1];
        var all = others is null ? own : new double[ranks * own.Length];
        foreach (var round in pieces.Chunk(ranks))
        {
            var isStopping = cancellation.IsCancellationRequested;
            Array.Clear(own);
            if (rank < round.Length && !isStopping)
                compute(round[rank], own.AsSpan(0, width));
            own[width] = isStopping ? 1 : 0;
            others?.Exchange(own, all);
            for (var told = width; told < all.Length; told += own.Length)
            {
                if (all[told] != 0)
                    throw new OperationCanceledException();
            }

            for (var piece = 0; piece < round.Length; piece++)
                yield return (round[piece], all.AsMemory(piece * own.Length, width));
        }
    }
}
