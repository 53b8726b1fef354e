using System.Buffers;
using System.Text;
using GptGen.Checkpoints.Gguf;

namespace GptGen.Text;

/// <summary>
/// Turns text into token numbers and back. A token stands for a fixed sequence of bytes, and the bytes of an encoded text's tokens are the
/// text's UTF-8 bytes again, whatever they are (but see <see cref="WordTokenizer"/>). One serves any number of threads.
/// </summary>
public abstract class Tokenizer
{
    /// <summary>The name by which <see cref="Open"/> finds the tokenizer again: <c>bytes</c>, <c>gpt2</c> or its folder.</summary>
    public abstract string Name { get; }

    /// <summary>The number of tokens; they are numbered from 0.</summary>
    public abstract int VocabularySize { get; }

    /// <summary>The token that separates documents, where the vocabulary has one.</summary>
    public virtual int? EndOfText => null;

    /// <summary>The token that begins texts, where the tokenizer's files name one.</summary>
    public virtual int? BeginOfText => null;

    /// <summary>What encodes translations where this one encodes what is translated: the same, unless each language is cut its own way.</summary>
    public virtual Tokenizer Targets => this;

    /// <summary>Whether a token is no part of texts, so that something may begin with it that is none either.</summary>
    internal virtual bool IsMark(int token) => token == EndOfText;

    /// <summary>What stands around each document of a corpus.</summary>
    internal virtual DocumentMarks Marks => new(EndOfText, Behind: null);

    /// <summary>Whether a text's parts, cut before white space behind something else, have the tokens of the whole.</summary>
    internal virtual bool MayBeCut => false;

    /// <summary>How much longer a text gets by a token; marks have no text.</summary>
    /// <param name="token">The token.</param>
    /// <param name="isInWord">Whether the text so far ends within a word; then, whether it does with the token.</param>
    /// <exception cref="GptGenException">The vocabulary has no such token.</exception>
    internal virtual TextSize Measure(int token, ref bool isInWord)
    {
        if (IsMark(token))
        {
            isInWord = false;
            return default;
        }

        var words = 0;
        var bytes = Bytes(token);
        foreach (var value in bytes)
        {
            var isSpace = value is (byte)' ' or (>= (byte)'\t' and <= (byte)'\r');
            words += !isInWord && !isSpace ? 1 : 0;
            isInWord = !isSpace;
        }

        return new(words, bytes.Length);
    }

    /// <summary>The files that it was read from; null for what is part of the package.</summary>
    internal TokenizerFolder? Origin { get; set; }

    /// <summary>The file of weights that it is part of; null for others.</summary>
    internal string? Container { get; set; }

    /// <summary>What becomes a token in prompts by its name; null where nothing does.</summary>
    private protected virtual AddedTokens? InPrompts => EndOfText is { } end ? new([new(Encoding.UTF8.GetString(Bytes(end)), end)]) : null;

    /// <summary>Appends the tokens of a text in UTF-8. Names of special tokens in it are ordinary text.</summary>
    /// <param name="utf8">The text; bytes that are not valid UTF-8 are kept as they are.</param>
    /// <param name="tokens">Receives the tokens at its end.</param>
    public abstract void Encode(ReadOnlySpan<byte> utf8, List<int> tokens);

    /// <summary>The same for long texts, where the work can be stopped on the way.</summary>
    /// <param name="utf8">The text.</param>
    /// <param name="tokens">Receives the tokens at its end; incomplete when stopped.</param>
    /// <param name="cancellation">Stops the work.</param>
    /// <exception cref="OperationCanceledException">The work was stopped.</exception>
    public virtual void Encode(ReadOnlySpan<byte> utf8, List<int> tokens, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        Encode(utf8, tokens);
    }

    /// <summary>Makes what encodes many short texts by one thread, and keeps what it has learned of their words.</summary>
    internal virtual AddedTokens.SectionEncoder NewSession() => Encode;

    /// <summary>The bytes that a token stands for.</summary>
    /// <param name="token">The token, below <see cref="VocabularySize"/>.</param>
    /// <exception cref="GptGenException">The vocabulary has no such token.</exception>
    public abstract ReadOnlySpan<byte> Bytes(int token);

    /// <summary>The tokens of a text. Names of special tokens in it are ordinary text.</summary>
    /// <param name="text">The text.</param>
    public int[] Encode(string text)
    {
        var length = Encoding.UTF8.GetByteCount(text);
        var tokens = new List<int>(length / 3 + 1);
        var utf8 = ArrayPool<byte>.Shared.Rent(length);
        Encode(utf8.AsSpan(0, Encoding.UTF8.GetBytes(text, utf8)), tokens);
        ArrayPool<byte>.Shared.Return(utf8);
        return [.. tokens];
    }

    /// <summary>
    /// The tokens of a prompt: like <see cref="Encode(string)"/>, but the name of a special token (<c>&lt;|endoftext|&gt;</c>, or what the
    /// tokenizer's files name) becomes that token. Not for text from elsewhere, whose author would then end documents.
    /// </summary>
    /// <param name="prompt">The prompt.</param>
    public int[] EncodePrompt(string prompt)
    {
        if (InPrompts is not { } added)
            return Encode(prompt);
        var tokens = new List<int>();
        added.Encode(Encoding.UTF8.GetBytes(prompt), tokens, Encode);
        return [.. tokens];
    }

    /// <summary>The text of tokens. Bytes that form no valid UTF-8, such as half a character, become U+FFFD.</summary>
    /// <param name="tokens">The tokens.</param>
    /// <exception cref="GptGenException">The vocabulary lacks one of the tokens.</exception>
    public virtual string Decode(ReadOnlySpan<int> tokens)
    {
        var bytes = new ArrayBufferWriter<byte>(tokens.Length * 4 + 1);
        foreach (var token in tokens)
            bytes.Write(Bytes(token));
        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }

    /// <summary>Opens a tokenizer.</summary>
    /// <param name="nameOrPath">
    /// <c>bytes</c> (256 tokens), <c>gpt2</c> (50,257 tokens, part of the package), or a folder with <c>tokenizer.json</c>, or with <c>vocab.json</c>
    /// and <c>merges.txt</c>, of GPT-2's kind or GPT-1's (or <c>encoder.json</c> and <c>vocab.bpe</c>, or <c>encoder_bpe_40000.json</c> and
    /// <c>vocab_40000.bpe</c>), or with <c>vocab.txt</c> of BERT's kind or of whole words (bilm-tf's), or with
    /// <c>source.spm</c>, <c>target.spm</c> and <c>vocab.json</c> of Marian's, or one of these files, whose folder is meant, or a GGUF file, which
    /// has its tokenizer inside. What lies beside the vocabulary in Hugging Face's folders is read with it.
    /// </param>
    /// <param name="note">Takes, line by line, what a user should know of the files.</param>
    /// <exception cref="GptGenException">There is no such tokenizer, or its files are missing, damaged, or ask for what is not done here.</exception>
    public static Tokenizer Open(string nameOrPath, Action<string>? note = null) => nameOrPath switch
    {
        ByteTokenizer.TokenizerName => ByteTokenizer.Instance,
        BytePairTokenizer.Gpt2Name => BytePairTokenizer.Gpt2,
        _ when Directory.Exists(nameOrPath) => TokenizerFolder.Look(nameOrPath).Open(note),
        _ when File.Exists(nameOrPath) && TokenizerFileNames.IsTokenizers(Path.GetFileName(nameOrPath)) =>
            TokenizerFolder.Look(Path.GetDirectoryName(Path.GetFullPath(nameOrPath))!).Open(note),
        _ when File.Exists(nameOrPath) && GgufFile.IsOne(nameOrPath) => GgufTokenizer.Open(nameOrPath, note)
            ?? throw new GptGenException($"'{nameOrPath}' has no tokenizer inside: name the folder of the model's tokenizer."),
        _ => throw new GptGenException(
            $"There is no tokenizer '{nameOrPath}': give bytes, gpt2, or a folder with tokenizer.json or with vocab.json and merges.txt, "
            + "or with vocab.txt, or with source.spm, target.spm and vocab.json, or one of these files, or a GGUF file."),
    };

    /// <summary>Opens the tokenizer of weights: the one inside, where they are a GGUF file, otherwise the one whose files lie beside them.</summary>
    /// <param name="weights">The weights' folder or file.</param>
    /// <param name="note">As for <see cref="Open"/>.</param>
    /// <returns>The tokenizer, or null where there is none.</returns>
    /// <exception cref="GptGenException">As <see cref="OpenIn"/>, or a GGUF file is damaged.</exception>
    public static Tokenizer? OpenFor(string weights, Action<string>? note = null) =>
        Directory.Exists(weights) ? OpenIn(weights, note)
        : GgufFile.IsOne(weights) && GgufTokenizer.Open(weights, note) is { } inside ? inside
        : OpenIn(Path.GetDirectoryName(Path.GetFullPath(weights))!, note);

    /// <summary>Opens the tokenizer whose files lie in a folder, as beside a model's weights.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="note">As for <see cref="Open"/>.</param>
    /// <returns>The tokenizer, or null where the folder holds no file of any tokenizer.</returns>
    /// <exception cref="GptGenException">A tokenizer's file is there that is damaged, incomplete, or of a kind that is not read.</exception>
    public static Tokenizer? OpenIn(string folder, Action<string>? note = null) =>
        TokenizerFolder.Look(folder) is { IsEmpty: false } files ? files.Open(note) : null;

    /// <summary>Whether a folder holds the files of a vocabulary that <see cref="Open"/> reads.</summary>
    public static bool IsIn(string folder) => Directory.Exists(folder) && TokenizerFolder.Look(folder).HasVocabulary;

    /// <summary>
    /// Copies the tokenizer's files into a folder, so that <see cref="Open"/> finds the same tokenizer there. What is part of the package
    /// (<c>bytes</c>, <c>gpt2</c>) has no files. Makes the folder.
    /// </summary>
    /// <param name="folder">The folder.</param>
    /// <returns>Whether the folder holds the tokenizer now.</returns>
    /// <exception cref="GptGenException">The folder holds another tokenizer, or a file cannot be read or written.</exception>
    public bool CopyFiles(string folder)
    {
        if (Origin is not null)
            TokenizerWriter.Copy(this, folder);
        else if (Container is not null)
            TokenizerWriter.Save(this, folder);
        return Origin is not null || Container is not null;
    }

    /// <summary>
    /// Writes the tokenizer into a folder as Hugging Face's libraries read it, also one that is part of the package: the files that it was read from,
    /// and what they leave open. Makes the folder.
    /// </summary>
    /// <param name="folder">The folder.</param>
    /// <exception cref="GptGenException">The folder holds another tokenizer, or a file cannot be read or written.</exception>
    public void Save(string folder) => TokenizerWriter.Save(this, folder);

    /// <summary>The tokenizer itself, if a model has all its tokens.</summary>
    /// <exception cref="GptGenException">The model has fewer tokens.</exception>
    internal Tokenizer RequireFit(ModelDescription model) => VocabularySize <= model.Vocabulary
        ? this
        : throw new GptGenException(
            $"The tokenizer '{Name}' has {VocabularySize} tokens, but {model.Name} has {model.Vocabulary}: "
            + "use the one that the model was trained with.");

    private protected GptGenException UnknownToken(int token) => new(
        $"Token {token} does not exist in the tokenizer '{Name}', which has {VocabularySize} tokens: "
        + "use the tokenizer that the model was trained with.");
}
