using GptGen.Checkpoints;

namespace GptGen.Text;

/// <summary>What became of a text as a token file.</summary>
/// <param name="Documents">Its documents.</param>
/// <param name="Bytes">Their bytes.</param>
/// <param name="Tokens">The tokens written, those between documents included.</param>
public readonly record struct TokenizedText(long Documents, long Bytes, long Tokens);

/// <summary>Turns texts of any length into a token file, a part at a time: what is in memory depends on the threads, not on the text.</summary>
public static class TextTokenization
{
    /// <summary>Bytes of text that a thread is given at once, as far as parts go.</summary>
    private const int BytesAtOnce = 1 << 20;

    /// <summary>
    /// Writes the tokens of text files (<see cref="TokenFile"/>), completely or not at all, exactly as <see cref="TextCorpus.Tokenize"/> has them.
    /// </summary>
    /// <param name="paths">Files and folders of UTF-8 text.</param>
    /// <param name="tokenizer">The tokenizer, of at most 65,536 tokens.</param>
    /// <param name="path">The token file; an existing one is replaced.</param>
    /// <param name="format">Its layout.</param>
    /// <param name="separator">What ends a document within a file, left out itself; null where each file is a document.</param>
    /// <param name="column">The name of the column of documents, where files have a JSON object a line; null for plain text.</param>
    /// <param name="threads">Threads at most; 0 for one a processor.</param>
    /// <param name="note">Receives what was left out.</param>
    /// <param name="progress">Told the bytes done.</param>
    /// <param name="cancellation">Ends the work; nothing is written then.</param>
    /// <exception cref="GptGenException">A file cannot be read, holds other than such text, or the target cannot be written.</exception>
    public static TokenizedText Write(
        IReadOnlyList<string> paths, Tokenizer tokenizer, string path, TokenFileFormat format, string? separator = null, string? column = null,
        int threads = 0, Action<string>? note = null, Action<long>? progress = null, CancellationToken cancellation = default)
    {
        if (separator is "")
            throw new ArgumentException("An empty text separates nothing.", nameof(separator));
        if (tokenizer.VocabularySize > ushort.MaxValue + 1)
        {
            throw new GptGenException(
                $"The tokenizer '{tokenizer.Name}' has {tokenizer.VocabularySize} tokens, and a token file's numbers have 16 bits: "
                + "use a vocabulary of at most 65536.");
        }

        var files = DataFiles.Find(paths, note, cancellation);
        if (files.AreTokens)
            throw new GptGenException($"'{files.Files[0].Path}' holds tokens by its name (.bin), but text is needed: name files of UTF-8 text.");
        var reader = new DocumentReader(files, separator, column, tokenizer.MayBeCut);
        return Write(reader, files.Source, tokenizer, path, format, threads, progress, cancellation);
    }

    internal static TokenizedText Write(
        DocumentReader reader, string source, Tokenizer tokenizer, string path, TokenFileFormat format, int threads, Action<long>? progress,
        CancellationToken cancellation)
    {
        var workers = Enumerable.Range(0, threads > 0 ? threads : Environment.ProcessorCount).Select(_ => new Worker(tokenizer)).ToList();
        var written = default(TokenizedText);
        AtomicFile.Write(path, stream =>
        {
            using var tokens = new TokenFileWriter(stream, format);
            var (worker, bytes) = (0, 0L);
            foreach (var part in reader.Read(cancellation))
            {
                workers[worker].Add(part);
                (written, bytes) = (
                    written with { Documents = written.Documents + (part.Begins ? 1 : 0), Bytes = written.Bytes + part.Bytes.Length },
                    bytes + part.Bytes.Length);
                if (bytes < BytesAtOnce)
                    continue;
                (worker, bytes) = (worker + 1, 0);
                if (worker < workers.Count)
                    continue;
                Flush(tokens);
                worker = 0;
                progress?.Invoke(written.Bytes);
            }

            Flush(tokens);
            written = written with { Tokens = tokens.Count };
            if (written.Documents == 0)
                throw new GptGenException($"'{source}' holds no text: give a file or folder of UTF-8 text.");
            tokens.Complete();
        });
        return written;

        void Flush(TokenFileWriter tokens)
        {
            Parallel.ForEach(workers, worker => worker.Encode(cancellation));
            foreach (var worker in workers)
                worker.Hand(tokens);
        }
    }

    /// <summary>What one thread encodes until the next writing.</summary>
    private sealed class Worker(Tokenizer tokenizer)
    {
        private readonly AddedTokens.SectionEncoder session = tokenizer.NewSession();
        private readonly List<(byte[] Bytes, bool Begins, bool Ends)> parts = [];
        private readonly List<int> tokens = [];

        public void Add(DocumentPart part) => parts.Add((part.Bytes.ToArray(), part.Begins, part.Ends));

        public void Encode(CancellationToken cancellation)
        {
            foreach (var (bytes, begins, ends) in parts)
            {
                cancellation.ThrowIfCancellationRequested();
                if (begins && tokenizer.Marks.Before is { } before)
                    tokens.Add(before);
                if (bytes.Length > 0)
                    session(bytes, tokens);
                if (ends && tokenizer.Marks.Behind is { } behind)
                    tokens.Add(behind);
            }

            parts.Clear();
        }

        public void Hand(TokenFileWriter writer)
        {
            writer.Add(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(tokens));
            tokens.Clear();
        }
    }
}
