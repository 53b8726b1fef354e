using GptGen.Files;

namespace GptGen.Text;

/// <summary>
/// The names of files by which tokenizers are known: those that are read, those that change no token, and those of other kinds, which are named. A
/// file of one of these names is never passed over in silence.
/// </summary>
internal static class TokenizerFileNames
{
    internal const string Json = "tokenizer.json";
    internal const string Vocabulary = "vocab.json";
    internal const string Merges = "merges.txt";
    internal const string WordPieces = "vocab.txt";
    internal const string Source = "source.spm";
    internal const string Target = "target.spm";
    internal const string Config = "tokenizer_config.json";
    internal const string SpecialTokens = "special_tokens_map.json";
    internal const string Added = "added_tokens.json";
    internal const string Generation = "generation_config.json";

    /// <summary>Vocabularies of two files, the usual names first.</summary>
    internal static readonly (string Vocabulary, string Merges)[] Pairs =
        [(Vocabulary, Merges), ("encoder.json", "vocab.bpe"), ("encoder_bpe_40000.json", "vocab_40000.bpe")];

    /// <summary>What says more of a vocabulary's tokens.</summary>
    internal static readonly string[] Companions = [Config, SpecialTokens, Added];

    /// <summary>Marian's models of the two languages, beside <see cref="Vocabulary"/>.</summary>
    internal static readonly string[] Marian = [Source, Target];

    /// <summary>Texts of conversations: they change no token, and travel with the vocabulary.</summary>
    internal static readonly string[] Harmless = ["chat_template.jinja", "chat_template.json"];

    /// <summary>Files of tokenizers that are not read here, and what they are.</summary>
    internal static readonly (string Pattern, string Kind)[] Foreign =
    [
        ("*.model", "SentencePiece"),
        ("*.spm", "SentencePiece"),
        ("target_vocab.json", "Marian's with a vocabulary for each language"),
        ("*.tiktoken", "tiktoken"),
        ("tekken.json", "tiktoken, as Mistral's"),
        ("vocab-src.json", "FSMT"),
        ("vocab-tgt.json", "FSMT"),
        ("dict.txt", "fairseq"),
        ("bpe.codes", "fastBPE"),
        ("vocab.pkl", "pickled by Python"),
        ("tokenizer.pkl", "pickled by Python"),
        (CharacterVocabulary.FileName, "nanoGPT's characters, which are read where they lie alone"),
        ("tokenizer.bin", "llama2.c"),
        ("tokenization_*.py", "a program in Python"),
    ];

    /// <summary>What a file of another kind is; null for other files.</summary>
    internal static string? ForeignKind(string name) => Marian.Contains(name) ? null
        : Foreign.FirstOrDefault(kind => System.IO.Enumeration.FileSystemName.MatchesSimpleExpression(kind.Pattern, name, ignoreCase: false)).Kind;

    /// <summary>Whether a file's name is a tokenizer's, of a kind that is read or not.</summary>
    internal static bool IsTokenizers(string name) =>
        name is Json or WordPieces || Companions.Contains(name) || Marian.Contains(name) || IsOfPair(name) || ForeignKind(name) is not null;

    /// <summary>Whether a file's name is a tokenizer's, but none of Marian's.</summary>
    internal static bool IsNotMarians(string name) =>
        IsTokenizers(name) && name != Vocabulary && !Marian.Contains(name) && !Companions.Contains(name);

    /// <summary>Whether a file's name is one half of a vocabulary of two files.</summary>
    internal static bool IsOfPair(string name) => Pairs.Any(pair => name == pair.Vocabulary || name == pair.Merges);

    /// <summary>The bytes of a tokenizer's file.</summary>
    /// <exception cref="GptGenException">It is no ordinary file, or cannot be read.</exception>
    internal static byte[] ReadAll(string path) => InputFile.ReadFound(path, "a tokenizer's file");
}
