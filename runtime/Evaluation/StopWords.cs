using System.Text;
using GptGen.Text;

namespace GptGen.Evaluation;

/// <summary>Words so common that they seldom end a passage of LAMBADA, where the last word is a name or a thing.</summary>
public static class StopWords
{
    /// <summary>English articles, pronouns, prepositions, conjunctions, auxiliaries and the like, in small letters.</summary>
    public static IReadOnlySet<string> English { get; } = new HashSet<string>(
        """
        a an the this that these those
        i me my mine myself we us our ours ourselves you your yours yourself yourselves he him his himself she her hers herself
        it its itself they them their theirs themselves one who whom whose which what
        about above after against along among around as at before behind below beneath beside between beyond by down during for from
        in inside into like near of off on onto out outside over past since through to toward towards under until up upon with within without
        and but or nor so yet if because while although though than when where why how whether
        am is are was were be been being have has had having do does did doing will would shall should can could may might must
        not no again further then once here there now just only very too also even still all any both each few more most other some such
        every another same own
        """.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries),
        StringComparer.OrdinalIgnoreCase);

    /// <summary>Which tokens are, with the space before it, one of the words: [vocabulary of the tokenizer].</summary>
    internal static bool[] Among(Tokenizer tokenizer, IReadOnlySet<string> words)
    {
        var known = words.Select(static word => " " + word).ToHashSet(StringComparer.OrdinalIgnoreCase);
        return [.. Enumerable.Range(0, tokenizer.VocabularySize).Select(token => known.Contains(Encoding.UTF8.GetString(tokenizer.Bytes(token))))];
    }
}
