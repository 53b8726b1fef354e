namespace GptGen;

/// <summary>
/// Gives each word of a text a label, as names of persons and places have, from the final state of its first token (Devlin et al. 2018, section
/// 5.3): <c>[CLS] text [SEP]</c>. Of <see cref="BertAttribute"/>'s models, which see what stands behind a word.
/// </summary>
/// <example><code>
/// [Bert(Layers = 4, Heads = 4, Width = 128, Context = 64, Vocabulary = 4096)]
/// [TokenClassificationHead(Labels = 9)]
/// public sealed partial class Names;
/// </code></example>
public sealed class TokenClassificationHeadAttribute : TaskHeadAttribute
{
    /// <summary>Number of labels, at least 2.</summary>
    public int Labels { get; set; } = 2;
}
