namespace GptGen.Distributed;

/// <summary>How messages name a process.</summary>
internal static class RankText
{
    internal static string Of(Communicator communicator) => $"rank {communicator.Rank} of {communicator.Size} on {communicator.Host}";

    /// <summary>The same before the processes have found each other.</summary>
    internal static string Of(Launch launch, string host) => $"rank {launch.Rank}{(launch.Size is { } size ? $" of {size}" : "")} on {host}";
}
