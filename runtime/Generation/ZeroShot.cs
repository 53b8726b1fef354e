using System.Text;
using GptGen.Sampling;

namespace GptGen.Generation;

/// <summary>What a model wrote for a task.</summary>
/// <param name="Text">The text, without white space around it; empty where the model ended at once.</param>
/// <param name="CutTokens">How many tokens of the article, examples or document had no room in the context.</param>
public readonly record struct ZeroShotText(string Text, int CutTokens);

/// <summary>
/// Tasks by prompt alone, without training for them, as the GPT-2 paper does them (Radford et al. 2019, sections 3.5 to 3.7). How well a model does
/// is a matter of its size and of its training text.
/// </summary>
public sealed class ZeroShot(TextGenerator generator)
{
    /// <summary>The tokens that the paper writes for a summary.</summary>
    public const int DefaultTokens = 100;

    private const int SummarySentences = 3;
    private const int SummaryTopK = 2;

    /// <summary>Summarises: article, "TL;DR:", and the first three sentences of what follows, drawn from the two most probable tokens.</summary>
    /// <param name="article">The article; too long a one loses its beginning.</param>
    /// <param name="tokens">The most tokens to write.</param>
    /// <param name="seed">Decides the draws.</param>
    /// <param name="cancellation">Ends the work between two tokens.</param>
    /// <exception cref="GptGenException">The article is empty, or a number is out of range.</exception>
    public ZeroShotText Summarize(string article, int tokens = DefaultTokens, uint seed = 0, CancellationToken cancellation = default)
    {
        Require(article, "article");
        var prompt = FittedPrompt.Cut(generator.Tokenizer, ZeroShotPrompts.Article(article), ZeroShotPrompts.SummaryEnding, Room(tokens));
        return Write(prompt, new() { TopK = SummaryTopK, Seed = seed }, tokens, FirstSentences, cancellation);

        static int FirstSentences(string text, bool isWhole) => TextEnds.Sentences(text, SummarySentences, isWhole);
    }

    /// <summary>Translates: examples as lines "english = french", then "text =", greedily up to the end of the first sentence.</summary>
    /// <param name="examples">Examples, which tell the languages; where there is no room for all, the first are left out.</param>
    /// <param name="text">The sentence to translate.</param>
    /// <param name="tokens">The most tokens to write.</param>
    /// <param name="cancellation">Ends the work between two tokens.</param>
    /// <exception cref="GptGenException">The sentence is empty or too long, or a number is out of range.</exception>
    public ZeroShotText Translate(
        IReadOnlyList<TranslationPair> examples, string text, int tokens = DefaultTokens, CancellationToken cancellation = default)
    {
        Require(text, "text to translate");
        var prompt = FittedPrompt.LeaveOut(
            generator.Tokenizer, ZeroShotPrompts.TranslationLines(examples), ZeroShotPrompts.TranslationEnding(text), Room(tokens));
        return Write(prompt, SamplingOptions.Greedy, tokens, FirstSentence, cancellation);

        static int FirstSentence(string text, bool isWhole)
        {
            var line = TextEnds.Line(text, isWhole);
            var sentence = TextEnds.Sentences(line < 0 ? text : text.AsSpan(0, line), 1, isWhole || line >= 0);
            return sentence >= 0 ? sentence : line;
        }
    }

    /// <summary>Answers a question about a document: document, conversation so far, question and "A:", greedily up to the end of the line.</summary>
    /// <param name="document">The document; too long a one loses its beginning.</param>
    /// <param name="history">Questions asked before, with their answers.</param>
    /// <param name="question">The question.</param>
    /// <param name="tokens">The most tokens to write.</param>
    /// <param name="cancellation">Ends the work between two tokens.</param>
    /// <exception cref="GptGenException">Document or question is empty, the conversation is too long, or a number is out of range.</exception>
    public ZeroShotText Answer(
        string document, IReadOnlyList<QuestionAnswer> history, string question, int tokens = DefaultTokens, CancellationToken cancellation = default)
    {
        Require(document, "document");
        Require(question, "question");
        var prompt = FittedPrompt.Cut(
            generator.Tokenizer, ZeroShotPrompts.Article(document), ZeroShotPrompts.QuestionEnding(history, question), Room(tokens));
        return Write(prompt, SamplingOptions.Greedy, tokens, TextEnds.Line, cancellation);
    }

    private int Room(int tokens) => FittedPrompt.Room(generator.Model.Description, tokens);

    private static void Require(string text, string what)
    {
        if (string.IsNullOrWhiteSpace(text))
            throw new GptGenException($"The {what} is empty: give some text.");
    }

    /// <summary>Writes until <paramref name="end"/> finds, in the text without white space before it, where the answer ends.</summary>
    private ZeroShotText Write(FittedPrompt prompt, SamplingOptions sampling, int tokens, FindEnd end, CancellationToken cancellation)
    {
        var written = new StringBuilder();
        foreach (var piece in generator.Generate(prompt.Tokens, new() { Tokens = tokens, Sampling = sampling }, cancellation))
        {
            if (piece.Text.Length == 0)
                continue;
            written.Append(piece.Text);
            if (Find(isWhole: false) is { } found)
                return found;
        }

        return Find(isWhole: true) ?? new(written.ToString().Trim(), prompt.CutTokens);

        ZeroShotText? Find(bool isWhole)
        {
            var text = written.ToString().TrimStart();
            return end(text, isWhole) is >= 0 and var length ? new(text[..length].TrimEnd(), prompt.CutTokens) : null;
        }
    }

    private delegate int FindEnd(string text, bool isWhole);
}
