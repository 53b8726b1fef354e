namespace GptGen.Text;

/// <summary>How texts to train or evaluate on are read.</summary>
/// <param name="EndOfText">
/// Whether the name of the token that separates documents (<c>&lt;|endoftext|&gt;</c> in GPT-2's vocabulary) is that token wherever it stands in a
/// text, as gpt-2-simple and OpenAI's own data have it. Otherwise it is letters like any other text.
/// </param>
public readonly record struct DataOptions(bool EndOfText = false);
