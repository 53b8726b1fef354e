namespace GptGen;

/// <summary>Puts a text into one of some classes: <c>start text classify</c>.</summary>
/// <example><code>
/// [Gpt1(Layers = 4, Heads = 4, Width = 128, Context = 64, Vocabulary = 256)]
/// [ClassificationHead(Labels = 2)]
/// public sealed partial class Sentiment;
/// </code></example>
public sealed class ClassificationHeadAttribute : TaskHeadAttribute
{
    /// <summary>Number of classes, at least 2.</summary>
    public int Labels { get; set; } = 2;
}
