namespace GptGen.Distributed;

/// <summary>What is asked of the processes of a run that may be one process alone.</summary>
internal static class CommunicatorExtensions
{
    /// <summary>Whether this process reads, logs and writes for all: the first one, or the only one.</summary>
    /// <param name="others">The processes; null for one alone.</param>
    internal static bool IsFirstOrAlone(this Communicator? others) => others is not { IsFirst: false };
}
