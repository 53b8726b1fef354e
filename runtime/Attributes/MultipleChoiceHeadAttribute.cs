namespace GptGen;

/// <summary>
/// Chooses one of some answers: each choice's <c>start context delimiter answer classify</c> gets one score, and the softmax runs over the choices.
/// </summary>
public sealed class MultipleChoiceHeadAttribute : TaskHeadAttribute
{
    /// <summary>Number of answers to choose from, at least 2.</summary>
    public int Choices { get; set; } = 2;
}
