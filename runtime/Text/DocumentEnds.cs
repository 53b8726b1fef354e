using System.Text;

namespace GptGen.Text;

/// <summary>The name of the token that separates documents, where it stands in a text.</summary>
internal static class DocumentEnds
{
    /// <summary>Takes the name for what it was said to be: the end of a document, or letters, of which a note tells.</summary>
    /// <param name="corpus">The text.</param>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="areSeparators">Whether the name ends a document.</param>
    /// <param name="note">Receives one line where the name stands in the text and is taken as letters.</param>
    /// <returns>The documents to tokenize.</returns>
    /// <exception cref="GptGenException">The name shall end documents, but the vocabulary has no such token.</exception>
    internal static TextCorpus In(TextCorpus corpus, Tokenizer tokenizer, bool areSeparators, Action<string>? note)
    {
        if (areSeparators)
            return In(corpus, NameIn(tokenizer), areSeparators, note);
        if (tokenizer.EndOfText is { } token)
        {
            var name = Encoding.UTF8.GetString(tokenizer.Bytes(token));
            // Some vocabularies take it for the token in any text.
            return tokenizer.Encode(name) is [var only] && only == token ? corpus : In(corpus, name, areSeparators, note);
        }

        if (corpus.HolderOf(BytePairTokenizer.EndOfTextName) is { } holder)
        {
            note?.Invoke(
                $"'{holder}' holds {BytePairTokenizer.EndOfTextName}, which is letters for the vocabulary '{tokenizer.Name}': "
                + "it has no token that separates documents. Others do, as gpt2 (see DataOptions.EndOfText).");
        }

        return corpus;
    }

    /// <summary>The same for a vocabulary that is yet to be learned, whose token has GPT-2's name.</summary>
    /// <param name="corpus">The text.</param>
    /// <param name="areSeparators">Whether the name ends a document.</param>
    /// <param name="note">Receives one line where the name stands in the text and is taken as letters.</param>
    /// <returns>The documents to learn from.</returns>
    internal static TextCorpus ToLearnFrom(TextCorpus corpus, bool areSeparators, Action<string>? note) =>
        In(corpus, BytePairTokenizer.EndOfTextName, areSeparators, note);

    /// <summary>The name of the token that separates documents.</summary>
    /// <exception cref="GptGenException">The vocabulary has none.</exception>
    internal static string NameIn(Tokenizer tokenizer) => tokenizer.EndOfText is { } token
        ? Encoding.UTF8.GetString(tokenizer.Bytes(token))
        : throw new GptGenException(
            $"The vocabulary '{tokenizer.Name}' has no token that separates documents, so DataOptions.EndOfText can mean nothing: leave it out, "
            + "or choose a tokenizer that has one, as gpt2 has.");

    private static TextCorpus In(TextCorpus corpus, string name, bool areSeparators, Action<string>? note)
    {
        if (areSeparators)
            return corpus.CutAt(name);
        if (corpus.HolderOf(name) is { } holder)
            note?.Invoke($"'{holder}' holds {name}, which is taken as letters like any other text; with DataOptions.EndOfText it ends a document.");
        return corpus;
    }
}
