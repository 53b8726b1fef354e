namespace GptGen.Distributed;

/// <summary>What all processes of a run must have in common, compared by hashes before the first step.</summary>
internal static class Agreement
{
    /// <summary>Compares what each process has with what the first one has.</summary>
    /// <param name="others">The processes.</param>
    /// <param name="facts">What is compared, for the message, and its number: a <see cref="Fingerprint"/> or one that is small.</param>
    /// <exception cref="GptGenException">A process has something else; all say the same.</exception>
    internal static void Require(Communicator others, params ReadOnlySpan<(string What, double Number)> facts)
    {
        var own = new double[facts.Length];
        for (var fact = 0; fact < own.Length; fact++)
            own[fact] = facts[fact].Number;
        var all = new double[own.Length * others.Size];
        others.Exchange(own, all);
        for (var fact = 0; fact < own.Length; fact++)
        {
            var differing = Enumerable.Range(1, others.Size - 1).Where(rank => all[(rank * own.Length) + fact] != all[fact]).ToList();
            if (differing.Count > 0)
            {
                throw new GptGenException(
                    $"{(differing.Count == 1 ? $"rank {differing[0]} has" : $"ranks {string.Join(", ", differing)} have")} other "
                    + $"{facts[fact].What} than rank 0: start all processes with the same command, version and files.");
            }
        }
    }

    /// <summary>The number of a text.</summary>
    internal static double Number(string text) => new Fingerprint().Add(text).Number;
}
