namespace GptGen;

/// <summary>Says how a hypothesis relates to a premise: <c>start premise delimiter hypothesis classify</c>.</summary>
public sealed class EntailmentHeadAttribute : TaskHeadAttribute
{
    /// <summary>Number of relations, at least 2: entailment, contradiction and neutral, by default.</summary>
    public int Labels { get; set; } = 3;
}
