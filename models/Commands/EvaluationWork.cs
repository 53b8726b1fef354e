using GptGen.Distributed;
using GptGen.Evaluation;
using GptGen.Generation;
using GptGen.Text;
using GptGen.Training;
using GptGen.Translation;

namespace GptGen.Models.Commands;

/// <summary>What an evaluation works on.</summary>
/// <param name="Paths">Files or folders.</param>
/// <param name="Batch">Texts computed at once.</param>
/// <param name="Stride">Tokens from one window of a text to the next, or 0.</param>
/// <param name="Limit">Examples or tokens, or 0 for all.</param>
/// <param name="Options">How texts are read.</param>
/// <param name="Search">How translations are searched for.</param>
internal sealed record EvaluationRequest(string[] Paths, int Batch, int Stride, int Limit, DataOptions Options, BeamOptions Search)
{
    /// <summary>Rows of a segment model's memory; null for as many as it can.</summary>
    internal int? Memory { get; init; }

    /// <summary>Whether that memory begins with zeros.</summary>
    internal bool BeginsWithZeros { get; init; }

    /// <summary>Whether every token of a segment model sees as many others.</summary>
    internal bool SameLength { get; init; }

    /// <summary>The processes that divide the work; null for one.</summary>
    internal Communicator? Others { get; init; }

    /// <summary>Streams that one process reads of those side by side: of models that carry something on from segment to segment.</summary>
    internal int StreamsAtOnce => (Batch + (Others?.Size ?? 1) - 1) / (Others?.Size ?? 1);
}

/// <summary>An evaluation whose files have been read and found right.</summary>
internal abstract class EvaluationWork(EvaluationRequest request) : IDisposable
{
    /// <summary>What is asked for.</summary>
    protected EvaluationRequest Request { get; } = request;

    /// <summary>Reads the files.</summary>
    /// <param name="task">What is measured.</param>
    /// <param name="request">What it works on.</param>
    /// <param name="model">The model.</param>
    /// <param name="tokenizer">The tokenizer's name, or null for the model's.</param>
    /// <param name="cancellation">Ends the work.</param>
    /// <exception cref="GptGenException">A file is missing or wrong, an option does not belong to the task, or there is no tokenizer.</exception>
    internal static EvaluationWork Prepare(
        EvaluationTask task, EvaluationRequest request, LoadedModel model, string? tokenizer, CancellationToken cancellation)
    {
        if (model.Entry.Kind == ModelKind.Masked)
            return PrepareMasked(task, request, model, tokenizer, cancellation);
        if (task == EvaluationTask.Translation)
        {
            if (!model.IsTrainedOnPairs)
                throw new GptGenException(
                    $"'{model.Path}' was not trained on pairs of texts: train with 'gptgen train --pairs', or choose another --task.");
            var words = model.OpenTokenizer(tokenizer);
            return new TranslationWork(
                request, words, Read(task, request, path => TranslationWork.Read(path, words, model.Description)), request.Search);
        }

        if (model.Entry.Kind == ModelKind.Translation)
            throw new GptGenException($"{model.Entry.Name} translates: evaluate it with --task translation.");
        if (model.Entry.Kind is ModelKind.Segment or ModelKind.Bidirectional)
        {
            if (task != EvaluationTask.Text)
            {
                throw new GptGenException(
                    $"--task {task.ToString().ToLowerInvariant()} is for GPT models: leave it out with {model.Entry.Name}, or use one of those.");
            }

            if (request.Stride != 0)
            {
                throw new GptGenException(
                    $"--stride belongs to GPT models: leave it out with {model.Entry.Name}, which reads on from segment to segment.");
            }
        }

        if (task == EvaluationTask.Text && model.Entry.Kind == ModelKind.Bidirectional)
            model.RequireTokenHead();
        if (task == EvaluationTask.Text)
            return new TextWork(request, model.Description, FindTokenizer(request, model, tokenizer), cancellation);

        var known = model.OpenTokenizer(tokenizer);
        return task switch
        {
            EvaluationTask.Lambada => new LastWordWork(request, known, Read(task, request, EvaluationFiles.LastWords)),
            EvaluationTask.HellaSwag => new ChoiceWork(request, known, Read(task, request, EvaluationFiles.HellaSwag)),
            _ => new ChoiceWork(request, known, Read(task, request, EvaluationFiles.ChildrensBooks)),
        };
    }

    private static MaskedTextWork PrepareMasked(
        EvaluationTask task, EvaluationRequest request, LoadedModel model, string? tokenizer, CancellationToken cancellation)
    {
        if (task != EvaluationTask.Text)
        {
            throw new GptGenException(
                $"--task {task.ToString().ToLowerInvariant()} asks what follows a text, "
                + $"but {model.Entry.Name} fills gaps: use a GPT model, or leave --task out.");
        }

        if (request.Stride != 0)
            throw new GptGenException($"--stride belongs to GPT models: leave it out with {model.Entry.Name}.");
        if (request.Options != default)
            throw new GptGenException($"--end-of-text belongs to GPT models: leave it out with {model.Entry.Name}.");
        model.RequireTokenHead();
        return new(request, model, WordPieceTokenizer.Require(model.OpenTokenizer(tokenizer)), cancellation);
    }

    /// <summary>The tokenizer of a text or of tokens, which can do without one; null where none is known or fits the vocabulary.</summary>
    private static Tokenizer? FindTokenizer(EvaluationRequest request, LoadedModel model, string? name)
    {
        if (model.KnownTokenizer(name) is { } known)
            return known;
        if (Texts.TokenizerOf(request.Paths) is { } characters)
            return Texts.Tokenizer(characters, model.Description);
        return model.Description.Tokenizer is null ? null : model.OpenTokenizer(name);
    }

    /// <summary>A number that other files most probably have not.</summary>
    internal abstract double Fingerprint { get; }

    /// <summary>The memory that it takes.</summary>
    internal virtual MemoryNeed Need(ModelDescription model) => Losses(model, Request.Batch);

    /// <summary>The memory that losses of so many texts at once take.</summary>
    protected MemoryNeed Losses(ModelDescription model, int texts) => MemoryNeed.Losses(
        texts, CommonOptions.RemedyWithMemory(model, "a smaller --batch or another --model")!, Request.Memory);

    /// <summary>Computes the report.</summary>
    internal abstract EvaluationReport Run(Model model, CancellationToken cancellation);

    /// <summary>Closes the files.</summary>
    public virtual void Dispose()
    {
    }

    private static List<T> Read<T>(EvaluationTask task, EvaluationRequest request, Func<string, IEnumerable<T>> read)
    {
        var name = task.ToString().ToLowerInvariant();
        if (request.Paths.Length == 0)
            throw new GptGenException($"--task {name} needs a file: give the benchmark's with --data FILE.");
        if (request.Stride != 0)
            throw new GptGenException($"--stride belongs to --task text: leave it out with --task {name}.");
        if (request.Options != default)
            throw new GptGenException($"--end-of-text belongs to --task text: leave it out with --task {name}.");
        var examples = request.Paths.SelectMany(read);
        List<T> taken = [.. request.Limit > 0 ? examples.Take(request.Limit) : examples];
        return taken.Count > 0
            ? taken
            : throw new GptGenException($"'{string.Join(", ", request.Paths)}' holds no examples: give the benchmark's file.");
    }
}

/// <summary>Perplexity of a text.</summary>
internal sealed class TextWork : EvaluationWork
{
    private readonly Tokenizer? tokenizer;
    private readonly TokenizedData data;
    private readonly TokenSource tokens;
    private readonly int stride;

    /// <summary>Reads the text. The tokens of files need no tokenizer.</summary>
    internal TextWork(EvaluationRequest request, ModelDescription model, Tokenizer? tokenizer, CancellationToken cancellation) : base(request)
    {
        if (request.Limit == 1)
            throw new GptGenException("--limit is 1, but a text of one token leaves nothing to predict: give at least 2.");
        this.tokenizer = tokenizer;
        stride = request.Stride == 0 ? model.Context : request.Stride;
        data = Texts.Data(request.Paths, tokenizer, model, request.Options, cancellation);
        var all = data.ForEvaluation;
        tokens = request.Limit > 0 && request.Limit < all.Count ? all.Slice(0, request.Limit) : all;
    }

    /// <summary>
    /// The token that was put before every file, and so is no part of the text; where it stands in the files it is predicted like any other. Of the
    /// marks around sentences each direction predicts the one at which it ends, as in bilm-tf, and not the one with which it begins.
    /// </summary>
    private (int? Forward, int? Backward) Unscored => tokenizer?.Marks switch
    {
        { Behind: { } behind } marks => (marks.Before, behind),
        { Before: var before } when data.Text is not null && !Request.Options.EndOfText => (before, before),
        _ => default,
    };

    internal override double Fingerprint => new Fingerprint().Add(tokens).Number;

    // What reads on from segment to segment is divided by streams, and all else by batches.
    internal override MemoryNeed Need(ModelDescription model) =>
        Losses(model, model.MemoryLength > 0 || model.StateElements > 0 ? Request.StreamsAtOnce : Request.Batch);

    internal override EvaluationReport Run(Model model, CancellationToken cancellation)
    {
        var progress = new EvaluationProgress("tokens", tokens.Count);
        var (sum, backward) = (default(PredictedTokens), default(PredictedTokens));
        foreach (var (predicted, before) in Predict(model, cancellation))
        {
            (sum, backward) = (predicted, before);
            progress.Show(sum.Count, () => FormattableString.Invariant($"loss {predicted.Loss:F4}"));
        }

        progress.End();
        var report = new EvaluationReport();
        if (tokenizer is null)
        {
            Note.Show("no tokenizer is known for these tokens, so nothing is said per word and byte; name it with --tokenizer.");
            return PerToken(report.Count("tokens", "predicted", sum.Count, "tokens"), sum, backward);
        }

        // The first token is read only.
        var size = Waiting.For("counting words and bytes", () => TextSize.Of(tokens.Slice(1, tokens.Count - 1), tokenizer, cancellation));
        report.Count("tokens", "predicted", sum.Count, "tokens").Count("words", "", size.Words, "words").Count("bytes", "", size.Bytes, "bytes");
        return PerToken(report, sum, backward)
            .Number("perplexity_per_word", "", sum.PerplexityPer(size.Words), "G6", "per word")
            .Number("perplexity_per_byte", "", sum.PerplexityPer(size.Bytes), "F3", "per byte")
            .Number("bits_per_byte", "bits per byte", -sum.LogLikelihood / Math.Log(2) / size.Bytes, "F4");
    }

    public override void Dispose() => data.Dispose();

    /// <summary>Running sums of the tokens that follow others and, of a bidirectional model, of those that stand before others.</summary>
    private IEnumerable<(PredictedTokens Following, PredictedTokens Before)> Predict(Model model, CancellationToken cancellation)
    {
        var length = model.Description.Context;
        if (model is BidirectionalModel directed)
        {
            using var graph = directed.CreateTraining(Request.StreamsAtOnce, length);
            var evaluator = new BidirectionalEvaluator(graph, tokens, Request.Batch, length, Request.StreamsAtOnce, tokenizer);
            foreach (var predicted in evaluator.Evaluate(Request.Others, Unscored.Forward, Unscored.Backward, cancellation))
                yield return (predicted.Forward, predicted.Backward);
        }
        else if (model is SegmentModel segments)
        {
            using var graph = segments.CreateTraining(Request.StreamsAtOnce, length);
            graph.SameLength = Request.SameLength;
            var evaluator = new SegmentEvaluator(
                graph, tokens, Request.Batch, length, Request.Memory ?? model.Description.MemoryLength, Request.BeginsWithZeros)
            {
                AtOnce = Request.StreamsAtOnce,
            };
            foreach (var predicted in evaluator.Evaluate(Request.Others, Unscored.Forward, cancellation))
                yield return (predicted, default);
        }
        else
        {
            var language = (LanguageModel)model;
            foreach (var predicted in TextPerplexity.Evaluate(
                language, tokens, Request.Batch, stride, Unscored.Forward, Request.Others, cancellation))
            {
                yield return (predicted, default);
            }
        }
    }

    private static EvaluationReport PerToken(EvaluationReport report, PredictedTokens sum, PredictedTokens backward)
    {
        report.Number("loss", "loss", sum.Loss, "F4", "nats per token");
        if (backward.Count > 0)
            report.Number("loss_backward", "loss backward", backward.Loss, "F4", "nats per token");
        report.Number("perplexity", "perplexity", sum.PerplexityPer(sum.Count), "F3", "per token");
        return backward.Count == 0
            ? report
            : report.Number("perplexity_backward", "backward", backward.PerplexityPer(backward.Count), "F3", "per token")
                .Number(
                    "perplexity_mean", "mean of both", (sum.PerplexityPer(sum.Count) + backward.PerplexityPer(backward.Count)) / 2, "F3",
                    "per token");
    }
}
