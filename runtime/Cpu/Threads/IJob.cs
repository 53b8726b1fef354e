namespace GptGen.Cpu;

/// <summary>
/// Work that several threads do together. A job is a structure that all its workers share by reference, so its fields,
/// among them <see cref="WorkCounter"/>s, are common to them.
/// </summary>
internal interface IJob
{
    /// <summary>Does this worker's share, which may be all: the number of workers never changes a result.</summary>
    /// <param name="worker">0 for the calling thread, up to <paramref name="workers"/> - 1.</param>
    /// <param name="workers">How many threads run this job; 1 means that this one must do everything.</param>
    void Run(int worker, int workers);
}
