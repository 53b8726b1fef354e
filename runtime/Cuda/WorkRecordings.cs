using GptGen.Cuda.Driver;

namespace GptGen.Cuda;

/// <summary>The recordings of one piece of work, a graph a variant. Finding one allocates nothing.</summary>
internal sealed class WorkRecordings : IDisposable
{
    private readonly Dictionary<int, Recording> variants = [];

    /// <summary>Whether a variant has run since the device last chose other kernels.</summary>
    public bool HasRun(int variant, int choices) => variants.TryGetValue(variant, out var recording) && recording.Choices == choices;

    /// <summary>Says that a variant has run; what was recorded of it before no longer holds.</summary>
    public void SetRun(int variant, int choices)
    {
        Stale(variant)?.Dispose();
        variants[variant] = new(choices, null, 0);
    }

    /// <summary>A variant's recording, if there is one whose scratch memory is where it was.</summary>
    public GpuGraph? Find(int variant, int scratchMoves) =>
        variants.TryGetValue(variant, out var recording) && recording.ScratchMoves == scratchMoves ? recording.Graph : null;

    /// <summary>A variant's recording wherever its scratch memory was.</summary>
    public GpuGraph? Stale(int variant) => variants.TryGetValue(variant, out var recording) ? recording.Graph : null;

    /// <summary>Keeps a recording.</summary>
    public void Keep(int variant, GpuGraph graph, int scratchMoves) =>
        variants[variant] = variants[variant] with { Graph = graph, ScratchMoves = scratchMoves };

    /// <summary>Frees the graphs.</summary>
    public void Dispose()
    {
        foreach (var recording in variants.Values)
            recording.Graph?.Dispose();
        variants.Clear();
    }

    /// <summary>A variant that has run, and what was recorded of it.</summary>
    private readonly record struct Recording(int Choices, GpuGraph? Graph, int ScratchMoves);
}
