using System.Net;

namespace GptGen.Models.Commands;

/// <summary>What <c>gptgen serve</c> was asked for.</summary>
internal sealed record ServeRequest(IPAddress Address, int Port, string? Name, string? Key)
{
    internal bool IsChatPlain { get; init; }

    internal int Slots { get; init; }

    internal int Queue { get; init; }

    internal int? MostTokens { get; init; }

    internal int MostBodyBytes { get; init; }

    internal TimeSpan? TimeLimit { get; init; }

    internal TimeSpan Drain { get; init; }
}
