using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using GptGen.Checkpoints;

namespace GptGen.Text;

/// <summary>
/// A vocabulary that <see cref="BytePairTrainer"/> has learned, numbered as GPT-2's is: the 256 bytes in the order of their visible characters, a
/// token for each merge, and <c>&lt;|endoftext|&gt;</c> last.
/// </summary>
public sealed class TrainedVocabulary
{
    private readonly List<byte[]> _tokens = [];

    internal TrainedVocabulary(IReadOnlyList<(int Left, int Right)> merges, long textBytes, long textTokens)
    {
        Merges = merges;
        TextBytes = textBytes;
        TextTokens = textTokens;
        foreach (var value in VisibleBytes.InOrder)
            _tokens.Add([value]);
        foreach (var (left, right) in merges)
            _tokens.Add([.. _tokens[left], .. _tokens[right]]);
    }

    /// <summary>The number of tokens; fewer than asked for when the text gives no more.</summary>
    public int Size => _tokens.Count + 1;

    /// <summary>The merges in the order in which they were learned; merge i makes token 256 + i.</summary>
    public IReadOnlyList<(int Left, int Right)> Merges { get; }

    /// <summary>Bytes of the text that it was learned from.</summary>
    public long TextBytes { get; }

    /// <summary>Tokens that this text takes.</summary>
    public long TextTokens { get; }

    /// <summary>Throws when a folder holds a vocabulary already: models trained with it would be lost with it.</summary>
    /// <param name="folder">The folder; need not exist.</param>
    /// <exception cref="GptGenException">It holds one, or its path is empty or a file's.</exception>
    public static void CheckTarget(string folder)
    {
        if (string.IsNullOrWhiteSpace(folder))
            throw new GptGenException("Cannot write a vocabulary to an empty path: name a folder.");
        if (File.Exists(folder))
            throw new GptGenException($"Cannot write into the folder '{folder}': a file has this name. Choose another name.");
        if (Directory.Exists(folder) && TokenizerFolder.Look(folder).FirstFile is { } path)
            throw new GptGenException(
                $"'{path}' is there already, and models may have been trained with it: name another folder, or remove the file.");
    }

    /// <summary>
    /// Writes <c>vocab.json</c> and <c>merges.txt</c>, as Hugging Face's tokenizers and <see cref="Tokenizer.Open"/> read them. Makes the folder.
    /// </summary>
    /// <param name="folder">The folder.</param>
    /// <exception cref="GptGenException">It holds a vocabulary already, or cannot be written.</exception>
    public void Save(string folder)
    {
        CheckTarget(folder);
        // The vocabulary last: without it the merges alone are no tokenizer, so an interrupted writer leaves none.
        AtomicFile.Write(Path.Combine(folder, TokenizerFileNames.Merges), WriteMerges);
        AtomicFile.Write(Path.Combine(folder, TokenizerFileNames.Vocabulary), WriteVocabulary);
    }

    private void WriteMerges(Stream stream)
    {
        using var writer = new StreamWriter(stream, new UTF8Encoding(false), leaveOpen: true) { NewLine = "\n" };
        writer.WriteLine($"{VocabularyFiles.MergesHeader}: 0.2");
        foreach (var (left, right) in Merges)
            writer.WriteLine($"{VisibleBytes.Name(_tokens[left])} {VisibleBytes.Name(_tokens[right])}");
    }

    private void WriteVocabulary(Stream stream)
    {
        // Readers of either kind take \u escapes, but people want to see the tokens.
        using var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        json.WriteStartObject();
        for (var token = 0; token < _tokens.Count; token++)
            json.WriteNumber(VisibleBytes.Name(_tokens[token]), token);
        json.WriteNumber(BytePairTokenizer.EndOfTextName, _tokens.Count);
        json.WriteEndObject();
    }
}
