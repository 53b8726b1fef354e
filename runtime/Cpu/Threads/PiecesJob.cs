namespace GptGen.Cpu;

/// <summary>Shares pieces of work among workers, one at a time.</summary>
internal struct PiecesJob(int count, Action<int> work) : IJob
{
    private WorkCounter pieces;

    /// <inheritdoc/>
    public void Run(int worker, int workers)
    {
        while (pieces.TryClaim(count, out nint index))
            work((int)index);
    }
}
