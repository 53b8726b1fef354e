namespace GptGen;

/// <summary>
/// Work that is asked of a device again and again, in some variants: each time a variant makes the same calls with the same arguments, and what
/// differs lies in the device's memory. A device may so record it once and repeat the recording (<see cref="Device.Repeat"/>).
/// </summary>
/// <param name="work">The calls. What else it does is done only when it runs.</param>
/// <param name="memory">What it uses and others may dispose of.</param>
internal sealed class RepeatedWork(Action work, params Arena[] memory) : IDisposable
{
    /// <summary>The calls.</summary>
    public Action Calls => work;

    /// <summary>What the device keeps for it.</summary>
    public IDisposable? Recordings { get; set; }

    /// <summary>Refuses memory that is disposed of, as each of the calls would.</summary>
    /// <exception cref="ObjectDisposedException">Some of it is.</exception>
    public void CheckMemory()
    {
        foreach (var arena in memory)
            arena.ThrowIfDisposed();
    }

    /// <summary>Frees what the device keeps.</summary>
    public void Dispose() => Recordings?.Dispose();
}
