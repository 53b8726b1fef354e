namespace GptGen;

/// <summary>
/// Says how two texts of equal standing relate. An encoder sees both at once. Of a GPT model both orders,
/// <c>start first delimiter second classify</c> and the reverse, are run, and the two final states are added before the projection, so that the order
/// does not matter.
/// </summary>
public sealed class SimilarityHeadAttribute : TaskHeadAttribute
{
    /// <summary>
    /// Number of relations: different and alike, by default. 1 makes the head graded: its one output is trained by squared error on real-valued
    /// labels, as STS-B's degrees from 0 to 5 are.
    /// </summary>
    public int Labels { get; set; } = 2;
}
