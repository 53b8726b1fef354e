using GptGen.Text;

namespace GptGen;

/// <summary>What a task head decides.</summary>
public enum TaskKind
{
    /// <summary>The class of a text.</summary>
    Classification,

    /// <summary>How a hypothesis relates to a premise.</summary>
    Entailment,

    /// <summary>How two texts of equal standing relate.</summary>
    Similarity,

    /// <summary>Which of some answers follows a context.</summary>
    MultipleChoice,

    /// <summary>The label of each word of a text.</summary>
    TokenClassification,

    /// <summary>Where in a text the answer to a question stands.</summary>
    QuestionAnswering,
}

/// <summary>A model's task head, as its attribute says (Radford et al. 2018, section 3.3; Devlin et al. 2018, section 4).</summary>
/// <param name="Kind">What it decides.</param>
/// <param name="Classes">Number of labels, or of choices; 1 for a graded head, 2 for the beginning and the end of an answer.</param>
/// <param name="LanguageModelWeight">Default weight of the language model's loss beside the task's; 0 where there is none.</param>
/// <param name="Tokens">The tokens behind the vocabulary that frame its inputs; null where those of the tokenizer do.</param>
public sealed record TaskHead(TaskKind Kind, int Classes, float LanguageModelWeight, SpecialTokens? Tokens)
{
    /// <summary>
    /// Whether the token that ends documents frames its texts, where the tokenizer has no marks for that: <c>end text end</c>, or
    /// <c>end first end second end</c>; where another token begins documents, <c>begin text end</c> and <c>begin first end begin second end</c>.
    /// </summary>
    public bool IsFramedByEnds { get; init; }

    /// <summary>Whether the head has one score, a real-valued grade that squared error trains, in place of labels.</summary>
    public bool IsGraded => Classes == 1;

    /// <summary>Sequences that an example consists of.</summary>
    public int SequencesPerExample => Kind switch
    {
        TaskKind.MultipleChoice => Classes,
        // An encoder sees both texts at once, whichever comes first.
        TaskKind.Similarity when Tokens is not null => 2,
        _ => 1,
    };

    /// <summary>Pooled rows of an example: one for each choice, otherwise one.</summary>
    public int PooledRowsPerExample => Kind == TaskKind.MultipleChoice ? Classes : 1;

    /// <summary>Texts that an example consists of.</summary>
    public int TextsPerExample => Kind switch
    {
        TaskKind.Classification or TaskKind.TokenClassification => 1,
        TaskKind.MultipleChoice => 1 + Classes,
        _ => 2,
    };

    /// <summary>
    /// The sequences of an example: <c>start text classify</c>; <c>start premise delimiter hypothesis classify</c>; both orders of two similar
    /// texts; <c>start context delimiter answer classify</c> for each answer.
    /// </summary>
    /// <param name="texts">The text; premise and hypothesis; the two texts; or the context and every answer.</param>
    /// <exception cref="GptGenException">There are too many or too few texts, or the tokenizer's tokens frame them.</exception>
    public int[][] Encode(params ReadOnlySpan<int[]> texts)
    {
        var special = Tokens ?? throw new GptGenException(
            $"This head of {Kind} has no tokens of its own: give {nameof(Encode)} the tokenizer, whose [CLS] and [SEP] frame its texts.");
        var sequences = new int[SequencesPerExample][];
        for (var i = 0; i < sequences.Length; i++)
        {
            var (first, second) = TextsOf(i, texts);
            sequences[i] = second is null ? special.Frame(first) : special.Frame(first, second);
        }

        return sequences;
    }

    /// <summary>
    /// The sequences of an example of a head without tokens of its own: <c>[CLS] text [SEP]</c>, or <c>[CLS] first [SEP] second [SEP]</c> of premise
    /// and hypothesis, two similar texts, question and context, or the context with each answer.
    /// </summary>
    /// <param name="tokenizer">The model's tokenizer.</param>
    /// <param name="texts">The tokens of the texts.</param>
    /// <exception cref="GptGenException">There are too many or too few texts, or the vocabulary has no such marks.</exception>
    public SequencePair[] Encode(WordPieceTokenizer tokenizer, params ReadOnlySpan<int[]> texts)
    {
        var sequences = new SequencePair[SequencesPerExample];
        for (var i = 0; i < sequences.Length; i++)
        {
            var (first, second) = TextsOf(i, texts);
            sequences[i] = tokenizer.Join(first, second);
        }

        return sequences;
    }

    /// <summary>The same with any tokenizer whose marks frame the head's texts; a tokenizer without marks has no token types.</summary>
    internal SequencePair[] Frame(Tokenizer tokenizer, params ReadOnlySpan<int[]> texts)
    {
        var sequences = new SequencePair[SequencesPerExample];
        for (var i = 0; i < sequences.Length; i++)
        {
            var (first, second) = TextsOf(i, texts);
            sequences[i] = Frame(tokenizer, first, second);
        }

        return sequences;
    }

    /// <summary>One or two texts between the tokenizer's marks, or between the tokens that end documents.</summary>
    /// <exception cref="GptGenException">The tokenizer has neither.</exception>
    internal SequencePair Frame(Tokenizer tokenizer, int[] first, int[]? second)
    {
        if (!IsFramedByEnds || tokenizer is WordPieceTokenizer)
        {
            var pair = WordPieceTokenizer.Require(tokenizer).Join(first, second);
            return IsFramedByEnds ? pair with { TokenTypes = [] } : pair;
        }

        var end = tokenizer.EndOfText ?? throw new GptGenException(
            "The task's texts stand between tokens that end documents, but this tokenizer has none: use one of BytePairTrainer.Train.");
        var begin = tokenizer.BeginOfText ?? end;
        int[] between = begin == end ? [end] : [end, begin];
        return new(second is null ? [begin, .. first, end] : [begin, .. first, .. between, .. second, end], []);
    }

    /// <summary>The texts of one of an example's sequences.</summary>
    internal (int[] First, int[]? Second) TextsOf(int sequence, ReadOnlySpan<int[]> texts)
    {
        if (texts.Length != TextsPerExample)
            throw new GptGenException(
                $"An example of {Kind} with {Classes} classes has {TextsPerExample} texts, not {texts.Length}: give every text of the example.");
        return texts.Length == 1 ? (texts[0], null)
            : Kind == TaskKind.Similarity && sequence == 1 ? (texts[1], texts[0])
            : (texts[0], texts[sequence + 1]);
    }

    /// <summary>Tokens of the longest sequence that is made of texts of some lengths with a tokenizer.</summary>
    internal int LongestSequence(ReadOnlySpan<int> lengths, Tokenizer tokenizer)
    {
        var isBegun = IsFramedByEnds && tokenizer is not WordPieceTokenizer && tokenizer.BeginOfText is { } begin && begin != tokenizer.EndOfText;
        var longest = lengths[0];
        for (var text = 1; text < lengths.Length; text++)
            longest = Math.Max(longest, lengths[0] + lengths[text] + (isBegun ? 2 : 1));
        return longest + 2;
    }
}

/// <summary>The tokens that task heads add behind a vocabulary.</summary>
/// <param name="Start">Begins every sequence.</param>
public readonly record struct SpecialTokens(int Start)
{
    /// <summary>How many there are.</summary>
    public const int Count = 3;

    /// <summary>Separates two texts.</summary>
    public int Delimiter => Start + 1;

    /// <summary>Ends every sequence; the final state here is what a head sees.</summary>
    public int Classify => Start + 2;

    /// <summary>start text classify.</summary>
    public int[] Frame(ReadOnlySpan<int> text) => [Start, .. text, Classify];

    /// <summary>start first delimiter second classify.</summary>
    public int[] Frame(ReadOnlySpan<int> first, ReadOnlySpan<int> second) => [Start, .. first, Delimiter, .. second, Classify];
}
