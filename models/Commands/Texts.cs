using GptGen.Text;

namespace GptGen.Models.Commands;

/// <summary>Opens the tokenizer and the data that options name.</summary>
internal static class Texts
{
    /// <summary>The tokenizer named, or the one that fits the model's vocabulary.</summary>
    internal static Tokenizer Tokenizer(string? name, ModelDescription model) =>
        Fitting(Text.Tokenizer.Open(name ?? DefaultTokenizer(model), Note.Show), model);

    /// <summary>A tokenizer, which must not have more tokens than the model.</summary>
    internal static Tokenizer Fitting(Tokenizer tokenizer, ModelDescription model) => tokenizer.VocabularySize <= model.Vocabulary
        ? tokenizer
        : throw new GptGenException(
            $"The tokenizer '{tokenizer.Name}' has {tokenizer.VocabularySize} tokens, but {model.Name} has {model.Vocabulary}: they do not belong together; use the model's own tokenizer.");

    private static string DefaultTokenizer(ModelDescription model) => model.Vocabulary switch
    {
        256 => "bytes",
        >= 50257 => "gpt2",
        _ => throw new GptGenException(
            $"{model.Name} has {model.Vocabulary} tokens and no tokenizer of its own: give --tokenizer FOLDER; 'gptgen tokenizer train --vocabulary {model.Vocabulary} --out FOLDER' makes one."),
    };

    internal static TokenizedData Data(string[]? paths, Tokenizer tokenizer) => paths is { Length: > 0 }
        ? TokenizedData.Load(paths, tokenizer)
        : TokenizedData.FromText(Corpus(paths), tokenizer);

    internal static TextCorpus Corpus(string[]? paths) => paths is { Length: > 0 } ? TextCorpus.Load(paths) : SdkDocumentation.Load();
}
