namespace GptGen;

/// <summary>
/// Finds the answer to a question in a text, by scores of the tokens where it begins and ends (Devlin et al. 2018, section 4.2):
/// <c>[CLS] question [SEP] text [SEP]</c>. Of <see cref="BertAttribute"/>'s models, which see what stands behind a token.
/// </summary>
/// <example><code>
/// [Bert(Layers = 4, Heads = 4, Width = 128, Context = 256, Vocabulary = 4096)]
/// [QuestionAnsweringHead]
/// public sealed partial class Answers;
/// </code></example>
public sealed class QuestionAnsweringHeadAttribute : TaskHeadAttribute;
