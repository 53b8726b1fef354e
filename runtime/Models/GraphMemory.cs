namespace GptGen;

/// <summary>The arenas of a graph.</summary>
/// <param name="Values">Activations and their gradients.</param>
/// <param name="Statistics">Means, deviations, log-sum-exps.</param>
/// <param name="Workspace">Logits.</param>
public readonly record struct GraphMemory(Arena Values, Arena Statistics, Arena Workspace)
{
    /// <summary>Rows whose logits a training graph holds at once.</summary>
    public const int ChunkRows = 1024;

    /// <summary>Allocates the three; the numbers come from the generated plan.</summary>
    public static GraphMemory Allocate(Device device, nint values, nint statistics, nint workspace) =>
        new(
            device.Allocate(BufferRole.Activation, values),
            device.Allocate(BufferRole.Statistic, statistics),
            device.Allocate(BufferRole.Workspace, workspace));
}
