using GptGen.Text;
using Microsoft.ML.Tokenizers;
using SharpToken;

namespace GptGen.Benchmarks.Tokenizers;

/// <summary>One library with one vocabulary: text to tokens and back, as a user of it writes that.</summary>
/// <param name="Name">What the table calls it.</param>
/// <param name="Encode">Text to tokens, in the collection that the library returns.</param>
/// <param name="Decode">Tokens to text, or null where it is not timed.</param>
internal sealed record Contestant(string Name, Func<string, IReadOnlyCollection<int>> Encode, Func<int[], string>? Decode = null)
{
    /// <summary>GPT-2's vocabulary, ours first; Hugging Face's library reads a file that ours writes.</summary>
    public static IEnumerable<Contestant> Gpt2(string folder)
    {
        BytePairTokenizer.Gpt2.Save(folder);
        yield return GptGen(BytePairTokenizer.Gpt2);
        yield return HuggingFace(Path.Combine(folder, "tokenizer.json"));

        var microsoft = TiktokenTokenizer.CreateForEncoding("r50k_base");
        yield return new("Microsoft.ML.Tokenizers", text => microsoft.EncodeToIds(text), tokens => microsoft.Decode(tokens));

        var sharp = GptEncoding.GetEncoding("r50k_base");
        yield return new("SharpToken", text => sharp.Encode(text), tokens => sharp.Decode(tokens));
    }

    /// <summary>A WordPiece vocabulary, ours first, from the files that ours has written.</summary>
    public static IEnumerable<Contestant> WordPiece(string folder)
    {
        yield return GptGen(global::GptGen.Text.WordPieceTokenizer.FromFolder(folder));
        yield return HuggingFace(Path.Combine(folder, "tokenizer.json"), marks: 2);

        var microsoft = BertTokenizer.Create(Path.Combine(folder, "vocab.txt"));
        yield return new("Microsoft.ML.Tokenizers", text => microsoft.EncodeToIds(text, addSpecialTokens: false));
    }

    private static Contestant GptGen(global::GptGen.Text.Tokenizer tokenizer) => new("GptGen", tokenizer.Encode, tokens => tokenizer.Decode(tokens));

    // Its post-processor puts marks around each text, [CLS] and [SEP].
    private static Contestant HuggingFace(string file, int marks = 0)
    {
        var tokenizer = new global::Tokenizers.DotNet.Tokenizer(file);
        return new(
            "Hugging Face tokenizers",
            text => Array.ConvertAll(tokenizer.Encode(text), static token => (int)token)[(marks / 2)..^(marks - marks / 2)],
            tokens => tokenizer.Decode(Array.ConvertAll(tokens, static token => (uint)token)));
    }
}
