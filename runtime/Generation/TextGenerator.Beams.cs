using GptGen.Text;

namespace GptGen.Generation;

/// <summary>A text that a search found after a prompt.</summary>
/// <param name="Text">The text, without the prompt.</param>
/// <param name="Tokens">Number of its tokens, the one that ends it among them.</param>
/// <param name="LogProbability">The natural logarithm of the probability that the model gives to it after the prompt.</param>
/// <param name="Score">The same after the length penalty.</param>
/// <param name="IsEnded">Whether it ended by itself; otherwise there was no room for more tokens.</param>
public readonly record struct BeamText(string Text, int Tokens, double LogProbability, double Score, bool IsEnded)
{
    /// <summary>The text of what was found.</summary>
    internal static BeamText Of(BeamHypothesis found, Tokenizer tokenizer)
    {
        var decoder = new StreamingDecoder(tokenizer);
        var text = "";
        foreach (var token in found.IsEnded ? found.Tokens.AsSpan()[..^1] : found.Tokens)
            text += decoder.Append(token);
        return new(text + decoder.Finish(), found.Tokens.Length, found.LogProbability, found.Score, found.IsEnded);
    }
}

public sealed partial class TextGenerator
{
    /// <summary>
    /// The most tokens after a prompt: a search keeps the whole of its texts in view, and the last token is not read again. With a memory there is no
    /// such limit.
    /// </summary>
    public int SearchRoom(int[] prompt) => Model is SegmentModel ? int.MaxValue : Model.Description.Context - Start(prompt).Length + 1;

    /// <summary>The most probable texts after a prompt that beam search finds, best first.</summary>
    /// <exception cref="GptGenException">An option is out of range, or the prompt is longer than the context.</exception>
    public IReadOnlyList<BeamText> Search(string prompt, BeamOptions options, CancellationToken cancellation = default) =>
        Search(Tokenizer.EncodePrompt(prompt), options, cancellation);

    /// <summary>The same after a prompt in tokens.</summary>
    /// <exception cref="GptGenException">An option is out of range, or the prompt is longer than the context.</exception>
    public IReadOnlyList<BeamText> Search(int[] prompt, BeamOptions options, CancellationToken cancellation = default)
    {
        options.Validate();
        var start = Start(prompt);
        using var graph = CreateInference(options.Beams, cancellation);
        graph.Prefill(start.Length, start, [start.Length], [0]);
        var search = new BeamSearch(graph, options, Tokenizer.EndOfText, Tokenizer.VocabularySize);
        return Array.ConvertAll(
            search.Run([graph.PositionsOf(0)], cancellation)[0],
            found => BeamText.Of(found, Tokenizer));
    }
}
