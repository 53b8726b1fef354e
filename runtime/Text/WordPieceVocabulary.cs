using GptGen.Checkpoints;

namespace GptGen.Text;

/// <summary>A vocabulary that <see cref="WordPieceTrainer"/> has learned.</summary>
public sealed class WordPieceVocabulary
{
    private readonly TokenizerDefinition _definition;

    internal WordPieceVocabulary(List<string> names, WordRules rules, long textBytes, List<(string Word, long Count)> words)
    {
        Tokens = names;
        TextBytes = textBytes;
        var numbers = new TokenNumbers();
        for (var token = 0; token < names.Count; token++)
            numbers.Add(names[token], token, nameof(WordPieceTrainer));
        _definition = new()
        {
            Source = TokenizerFileNames.WordPieces,
            Numbers = numbers,
            WordPieces = new() { Words = rules, SaysCase = true },
        };
        _definition.WordPieces.Settle(_definition, new Dictionary<string, string?>(), note: null);
        Tokenizer = (WordPieceTokenizer)_definition.Create(nameof(WordPieceTrainer));
        TextTokens = words.Sum(word => word.Count * Tokenizer.CountOf(word.Word));
    }

    /// <summary>The names of the tokens; those of parts that continue a word begin with <c>##</c>.</summary>
    public IReadOnlyList<string> Tokens { get; }

    /// <summary>What encodes with it.</summary>
    internal WordPieceTokenizer Tokenizer { get; }

    /// <summary>Bytes of the text that it was learned from.</summary>
    public long TextBytes { get; }

    /// <summary>Tokens that this text takes.</summary>
    public long TextTokens { get; }

    /// <summary>
    /// Writes <c>vocab.txt</c>, <c>tokenizer.json</c> and <c>tokenizer_config.json</c>, as Hugging Face's libraries and <see cref="Tokenizer.Open"/>
    /// read them. Makes the folder.
    /// </summary>
    /// <param name="folder">The folder.</param>
    /// <exception cref="GptGenException">It holds a vocabulary already, or cannot be written.</exception>
    public void Save(string folder)
    {
        TrainedVocabulary.CheckTarget(folder);
        foreach (var (name, content) in WordPieceWriter.Files([.. Tokens], _definition.WordPieces!))
            AtomicFile.Write(Path.Combine(folder, name), stream => stream.Write(content));
    }
}
