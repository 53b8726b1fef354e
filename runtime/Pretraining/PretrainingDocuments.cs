using System.Text;
using GptGen.Text;

namespace GptGen.Pretraining;

/// <summary>
/// Documents, each a list of sentences, as tokens. A sentence is what lies between two places at which a text may be cut; a document is what belongs
/// together. Neither is ever empty. Nothing changes, so one serves any number of threads.
/// </summary>
public sealed class PretrainingDocuments
{
    private readonly int[] _tokens;

    /// <summary>Where each sentence begins among the tokens, and where the last ends.</summary>
    private readonly int[] _sentences;

    /// <summary>With which sentence each document begins, and the number of sentences.</summary>
    private readonly int[] _documents;

    private PretrainingDocuments(string name, int[] tokens, int[] sentences, int[] documents) =>
        (Name, _tokens, _sentences, _documents) = (name, tokens, sentences, documents);

    /// <summary>What the documents are, for messages.</summary>
    public string Name { get; }

    /// <summary>The number of documents.</summary>
    public int Count => _documents.Length - 1;

    /// <summary>The number of sentences of all documents.</summary>
    public int SentenceCount => _sentences.Length - 1;

    /// <summary>The number of tokens of all documents.</summary>
    public int TokenCount => _sentences[^1] - _sentences[0];

    /// <summary>Documents that are tokens already. Empty sentences and documents are passed over.</summary>
    /// <param name="documents">For each document its sentences.</param>
    /// <param name="name">What they are, for messages.</param>
    public static PretrainingDocuments FromTokens(IEnumerable<IEnumerable<int[]>> documents, string name = "the text")
    {
        var builder = new Builder();
        foreach (var document in documents)
        {
            foreach (var sentence in document)
            {
                builder.Tokens.AddRange(sentence);
                builder.EndSentence();
            }

            builder.EndDocument();
        }

        return builder.ToDocuments(name);
    }

    /// <summary>
    /// The documents of a text: they end at an empty line and with a file. A sentence ends with its line, and within a line at a full stop, question
    /// mark or exclamation mark before a capital letter.
    /// </summary>
    /// <param name="corpus">The text.</param>
    /// <param name="tokenizer">The tokenizer; names of special tokens in the text are ordinary text.</param>
    /// <param name="cancellation">Ends the work.</param>
    /// <exception cref="GptGenException">The text has no token, or there is no memory for so many.</exception>
    public static PretrainingDocuments FromText(TextCorpus corpus, Tokenizer tokenizer, CancellationToken cancellation = default)
    {
        var builder = new Builder();
        var encode = tokenizer.NewSession();
        try
        {
            foreach (var document in corpus.Documents)
            {
                foreach (var line in document.AsSpan().Split((byte)'\n'))
                {
                    cancellation.ThrowIfCancellationRequested();
                    var text = Encoding.UTF8.GetString(document.AsSpan(line));
                    if (string.IsNullOrWhiteSpace(text))
                    {
                        builder.EndDocument();
                        continue;
                    }

                    foreach (var sentence in SentenceCutter.Cut(text))
                    {
                        encode(sentence, builder.Tokens);
                        builder.EndSentence();
                    }
                }

                builder.EndDocument();
            }
        }
        catch (OutOfMemoryException error)
        {
            throw new GptGenException($"There is no memory for the tokens of '{corpus.Source}': give less text.", error);
        }

        return builder.ToDocuments($"'{corpus.Source}'");
    }

    /// <summary>Cuts the documents in two between sentences: their beginning to train on, their end to validate on.</summary>
    /// <param name="validationFraction">The part of the tokens to validate on, in (0, 1).</param>
    /// <exception cref="GptGenException">The fraction is out of range, or there is only one sentence.</exception>
    public (PretrainingDocuments Training, PretrainingDocuments Validation) Split(double validationFraction = 0.1)
    {
        if (!(validationFraction is > 0 and < 1))
            throw new GptGenException($"The validation fraction is {validationFraction:R}: give a number between 0 and 1, such as 0.1.");
        if (SentenceCount < 2)
        {
            throw new GptGenException(
                $"There is one sentence in {Name}, which is too little to train on a part and validate on another: give a longer text.");
        }

        var cut = _sentences[0] + (int)(TokenCount * (1 - validationFraction));
        var found = Array.BinarySearch(_sentences, cut);
        var sentence = Math.Clamp(found >= 0 ? found : ~found, 1, SentenceCount - 1);
        return (Slice(0, sentence, "train on"), Slice(sentence, SentenceCount, "validate on"));
    }

    /// <summary>The tokens of consecutive sentences of one document.</summary>
    internal ReadOnlySpan<int> Tokens(int first, int end) => _tokens.AsSpan(_sentences[first], Length(first, end));

    /// <summary>How many tokens consecutive sentences have.</summary>
    internal int Length(int first, int end) => _sentences[end] - _sentences[first];

    /// <summary>The document of a sentence.</summary>
    internal int DocumentOf(int sentence)
    {
        var found = Array.BinarySearch(_documents, sentence);
        return found >= 0 ? found : ~found - 1;
    }

    /// <summary>The first sentence of a document and the one behind its last.</summary>
    internal (int First, int End) SentencesOf(int document) => (_documents[document], _documents[document + 1]);

    /// <summary>The end of the fewest sentences of one document that have some number of tokens, or of all that are left.</summary>
    /// <param name="first">The first sentence.</param>
    /// <param name="end">The end of its document.</param>
    /// <param name="tokens">The number of tokens.</param>
    internal int EndOf(int first, int end, int tokens)
    {
        var found = Array.BinarySearch(_sentences, first + 1, end - first, _sentences[first] + Math.Max(tokens, 1));
        return Math.Min(found >= 0 ? found : ~found, end);
    }

    private PretrainingDocuments Slice(int first, int end, string use)
    {
        var inner = _documents.Where(sentence => sentence > first && sentence < end).Select(sentence => sentence - first);
        return new($"the part of {Name} to {use}", _tokens, _sentences[first..(end + 1)], [0, .. inner, end - first]);
    }

    private sealed class Builder
    {
        private readonly List<int> _sentences = [0];
        private readonly List<int> _documents = [0];

        public List<int> Tokens { get; } = [];

        public void EndSentence()
        {
            if (Tokens.Count > _sentences[^1])
                _sentences.Add(Tokens.Count);
        }

        public void EndDocument()
        {
            if (_sentences.Count - 1 > _documents[^1])
                _documents.Add(_sentences.Count - 1);
        }

        public PretrainingDocuments ToDocuments(string name) => _documents.Count > 1
            ? new(name, [.. Tokens], [.. _sentences], [.. _documents])
            : throw new GptGenException($"There is no token in {name}: give a file or folder of UTF-8 text.");
    }
}
