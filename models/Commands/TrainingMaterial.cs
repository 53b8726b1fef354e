using GptGen.Text;
using GptGen.Training;

namespace GptGen.Models.Commands;

/// <summary>What a run of one kind of model trains on, and what it shows of the model.</summary>
internal abstract class TrainingMaterial : IDisposable
{
    /// <summary>Opens what a model trains on.</summary>
    /// <param name="entry">The model.</param>
    /// <param name="request">What is asked for.</param>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="GptGenException">The data cannot be read, or the tokenizer is not for such a model.</exception>
    internal static TrainingMaterial Open(ZooEntry entry, TrainingRequest request, Tokenizer tokenizer, CancellationToken cancellation) =>
        request.Pairs is { } pairs ? new PairMaterial(entry, pairs, tokenizer, cancellation)
        : entry.Kind == ModelKind.Masked ? new MaskedMaterial(request, WordPieceTokenizer.Require(tokenizer), cancellation)
        : entry.Kind == ModelKind.Bidirectional ? new BidirectionalMaterial(entry, request, tokenizer, cancellation)
        : entry.Kind == ModelKind.Segment ? new SegmentMaterial(entry, request, tokenizer, cancellation)
        : new LanguageMaterial(entry, request, tokenizer, cancellation);

    /// <summary>Tokens to train on.</summary>
    internal abstract long TokenCount { get; }

    /// <summary>Where they come from, for people.</summary>
    internal abstract string Source { get; }

    /// <summary>A number that other data most probably has not.</summary>
    internal virtual double Fingerprint => TokenCount;

    /// <summary>The batches of a run.</summary>
    internal abstract Batches CreateBatches(Model model, TrainingOptions options);

    /// <summary>What is evaluated on, for people.</summary>
    internal abstract string Validation(Trainer trainer);

    /// <summary>Shows what the model has learned after a step, where that is asked for.</summary>
    internal virtual void ShowOnTheWay(Model model, int step, CancellationToken cancellation)
    {
    }

    /// <summary>Shows what the model has learned at the end.</summary>
    internal abstract void ShowAtEnd(Model model, CancellationToken cancellation);

    /// <summary>Closes the data.</summary>
    public virtual void Dispose()
    {
    }
}
