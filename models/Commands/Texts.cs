using GptGen.Pretraining;
using GptGen.Text;

namespace GptGen.Models.Commands;

/// <summary>Opens the tokenizer and the data that options name.</summary>
internal static class Texts
{
    /// <summary>The tokenizer named, or the one that fits the model's vocabulary.</summary>
    internal static Tokenizer Tokenizer(string? name, ModelDescription model) =>
        Fitting(Text.Tokenizer.Open(name ?? model.Tokenizer ?? throw new GptGenException(
            $"{model.Name} has {model.Vocabulary} tokens and no tokenizer of its own: give --tokenizer FOLDER; "
            + $"{Learning(model)} makes one."), Note.Show), model);

    /// <summary>
    /// What a model's texts are read with: the words between spaces where it reads their characters, for which no tokenizer is to be named;
    /// otherwise the tokenizer that is found.
    /// </summary>
    /// <exception cref="GptGenException">A tokenizer is named for a model that has none, or cannot be found.</exception>
    internal static Tokenizer Reader(ModelDescription model, string? named, Func<Tokenizer> find) =>
        model.CharactersPerToken == 0 ? find()
        : named is null ? new TextWords()
        : throw new GptGenException($"--tokenizer is not for {model.Name}, which reads the letters of any word: leave it out.");

    /// <summary>A tokenizer, which must not have more tokens than the model.</summary>
    internal static Tokenizer Fitting(Tokenizer tokenizer, ModelDescription model) => tokenizer.VocabularySize <= model.Vocabulary
        ? tokenizer
        : throw new GptGenException(
            $"The tokenizer '{tokenizer.Name}' has {tokenizer.VocabularySize} tokens, but {model.Name} has {model.Vocabulary}: "
            + "they do not belong together; use the model's own tokenizer.");

    /// <summary>
    /// The folder with the vocabulary of the data, which nanoGPT leaves beside token files of characters; null where there is none.
    /// </summary>
    internal static string? TokenizerOf(string[]? paths)
    {
        var folder = CharacterTokenizer.Beside(paths ?? []);
        if (folder is not null)
            Note.Show($"the tokens in '{folder}' are characters, as its meta.pkl lists them; that is the tokenizer.");
        return folder;
    }

    /// <summary>The data that --data names, or the SDK's documentation.</summary>
    /// <param name="paths">What --data names.</param>
    /// <param name="tokenizer">The tokenizer; null where none is known, which does for token files.</param>
    /// <param name="model">The model, whose vocabulary bounds the tokens where no tokenizer does.</param>
    /// <param name="options">How texts are read.</param>
    /// <param name="cancellation">Ends the work.</param>
    internal static TokenizedData Data(
        string[]? paths, Tokenizer? tokenizer, ModelDescription model, DataOptions options, CancellationToken cancellation) =>
        Waiting.For("reading and tokenizing the data", () => paths is { Length: > 0 }
            ? TokenizedData.Load(paths, tokenizer, tokenizer?.VocabularySize ?? model.Vocabulary, options, Note.Show, cancellation)
            : TokenizedData.FromText(SdkDocumentation.Load(), tokenizer ?? Tokenizer(null, model), options, Note.Show, cancellation));

    /// <summary>The documents of the text that --data names, or the SDK's documentation, each type a document.</summary>
    internal static PretrainingDocuments Documents(string[]? paths, Tokenizer tokenizer, CancellationToken cancellation) =>
        Waiting.For("reading and tokenizing the data", () => PretrainingDocuments.FromText(
            paths is { Length: > 0 } ? TextCorpus.Load(paths, Note.Show, cancellation) : SdkDocumentation.LoadByType(), tokenizer, cancellation));

    /// <summary>The text that --data names, or the SDK's documentation.</summary>
    internal static TextCorpus Corpus(string[]? paths, CancellationToken cancellation) =>
        Waiting.For("reading the data", () => paths is { Length: > 0 } ? TextCorpus.Load(paths, Note.Show, cancellation) : SdkDocumentation.Load());

    /// <summary>The command that learns a vocabulary for a model.</summary>
    private static string Learning(ModelDescription model) =>
        Zoo.Models.Any(entry => entry.Description == model && entry.Kind == ModelKind.Masked)
            ? $"'gptgen tokenizer train --kind wordpiece --vocabulary {model.Vocabulary} --out FOLDER'"
            : $"'gptgen tokenizer train --vocabulary {model.Vocabulary} --out FOLDER'";
}
