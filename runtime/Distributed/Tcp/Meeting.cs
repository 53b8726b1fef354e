namespace GptGen.Distributed.Tcp;

/// <summary>Where processes find each other that have the variables of PyTorch's launcher alone.</summary>
/// <param name="Address">The host of rank 0.</param>
/// <param name="Port">The port that rank 0 listens on.</param>
/// <param name="LocalRank">This process's number on its host; null where nobody says.</param>
internal sealed record Meeting(string Address, int Port, int? LocalRank)
{
    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"{Address}:{Port}");
}
