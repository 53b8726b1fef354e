namespace GptGen.Cpu;

/// <summary>An <see cref="IJob"/> whose text is generic over the vector width; the pool calls it with the level asked for.</summary>
internal interface IVectorJob
{
    /// <summary>Does this worker's share with the vectors of <typeparamref name="TSimd"/>.</summary>
    /// <inheritdoc cref="IJob.Run" path="/param"/>
    void Run<TSimd, TVector>(int worker, int workers)
        where TSimd : struct, ISimd<TVector>
        where TVector : unmanaged;
}
