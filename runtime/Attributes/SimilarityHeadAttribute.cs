namespace GptGen;

/// <summary>
/// Says how two texts of equal standing relate: both orders, <c>start first delimiter second classify</c> and the reverse, are run, and the
/// two final states are added before the projection, so that the order does not matter.
/// </summary>
public sealed class SimilarityHeadAttribute : TaskHeadAttribute
{
    /// <summary>Number of relations, at least 2: different and alike, by default.</summary>
    public int Labels { get; set; } = 2;
}
