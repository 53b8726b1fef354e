using GptGen.Text;

namespace GptGen.Finetuning;

/// <summary>Turns examples into the framed tokens of a task head.</summary>
/// <param name="head">The head.</param>
/// <param name="tokenizer">The tokenizer of the model's text; <see cref="TextWords"/> for a model that reads the characters of words.</param>
/// <param name="targets">The labels, or the scale of the grades.</param>
/// <param name="length">The most tokens of a sequence, its special tokens included.</param>
/// <param name="truncate">Whether the longest text of an example that is too long is cut at its end; otherwise such an example is refused.</param>
public sealed class ExampleEncoder(TaskHead head, Tokenizer tokenizer, TaskTargets targets, int length, bool truncate)
{
    /// <summary>The framed tokens of examples.</summary>
    /// <exception cref="GptGenException">
    /// An example has too many or too few texts, an unknown label or one that is no grade, or is too long; the message names its source.
    /// </exception>
    public IReadOnlyList<EncodedExample> Encode(IEnumerable<TaskExample> examples) => [.. examples.SelectMany(EncodeParts)];

    /// <summary>The framed tokens of one example, in several sequences where it is too long for one and its task allows that.</summary>
    /// <inheritdoc cref="Encode(TaskExample)" path="/exception"/>
    public IEnumerable<EncodedExample> EncodeParts(TaskExample example) => targets switch
    {
        TagSet tags => new WordEncoder(head, tokenizer, tags, length).Encode(example).Select(WithWords),
        AnswerSpans => new SpanEncoder(WordPieceTokenizer.Require(tokenizer), length).Encode(example),
        _ => [Encode(example)],
    };

    /// <summary>The framed tokens of one example.</summary>
    /// <exception cref="GptGenException">
    /// It has too many or too few texts, an unknown label or one that is no grade, or is too long; the message names its source.
    /// </exception>
    public EncodedExample Encode(TaskExample example)
    {
        if (example.Texts.Count != head.TextsPerExample)
        {
            throw new GptGenException($"{example.Source}: there are {example.Texts.Count} texts, but {head.Kind} "
                + $"{(head.Kind == TaskKind.MultipleChoice ? $"with {head.Classes} choices " : "")}takes {head.TextsPerExample}: "
                + "name as many columns with TaskColumns.Texts.");
        }

        int[][] texts = [.. example.Texts.Select(tokenizer.Encode)];
        Fit(texts, example.Source);
        if (head.Tokens is not null)
            return targets.Answered(head.Encode(texts), example);
        var pairs = head.Frame(tokenizer, texts);
        var answered = targets.Answered(Array.ConvertAll(pairs, static pair => pair.Tokens), example);
        return head.IsFramedByEnds ? WithWords(answered) : answered with { TokenTypes = Array.ConvertAll(pairs, static pair => pair.TokenTypes) };
    }

    private EncodedExample WithWords(EncodedExample example) => example with { Words = tokenizer as TextWords };

    private void Fit(int[][] texts, string source)
    {
        int[] lengths = [.. texts.Select(static text => text.Length)];
        var longest = head.LongestSequence(lengths, tokenizer);
        if (longest > length && !truncate)
        {
            throw new GptGenException(
                $"{source}: the example has {longest} tokens with its special ones, but at most {length} fit: shorten it, "
                + "fine-tune with a greater length, up to the model's context, or cut such examples.");
        }

        for (; longest > length; longest = head.LongestSequence(lengths, tokenizer))
            Shorten(lengths, longest - length, source);
        for (var text = 0; text < texts.Length; text++)
            texts[text] = texts[text][..lengths[text]];
    }

    /// <summary>Takes tokens from the end of the longest text, one at least, and never all.</summary>
    private static void Shorten(int[] lengths, int excess, string source)
    {
        var longest = Array.IndexOf(lengths, lengths.Max());
        var others = lengths.Where((_, index) => index != longest).DefaultIfEmpty(0).Max();
        var cut = Math.Min(excess, Math.Max(1, lengths[longest] - others));
        if (lengths[longest] <= cut)
            throw new GptGenException($"{source}: nothing is left of the texts at this length: fine-tune with a greater length.");
        lengths[longest] -= cut;
    }
}
