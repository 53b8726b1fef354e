using GptGen.Evaluation;
using GptGen.Text;

namespace GptGen.Models.Commands;

/// <summary>What an evaluation works on.</summary>
/// <param name="Paths">Files or folders.</param>
/// <param name="Tokenizer">The tokenizer.</param>
/// <param name="Batch">Texts computed at once.</param>
/// <param name="Stride">Tokens from one window of a text to the next, or 0.</param>
/// <param name="Limit">Examples or tokens, or 0 for all.</param>
internal sealed record EvaluationRequest(string[] Paths, Tokenizer Tokenizer, int Batch, int Stride, int Limit);

/// <summary>An evaluation whose files have been read and found right.</summary>
internal abstract class EvaluationWork(EvaluationRequest request) : IDisposable
{
    /// <summary>What is asked for.</summary>
    protected EvaluationRequest Request { get; } = request;

    /// <summary>Reads the files.</summary>
    /// <exception cref="GptGenException">A file is missing or wrong, or an option does not belong to the task.</exception>
    internal static EvaluationWork Prepare(EvaluationTask task, EvaluationRequest request, ModelDescription model) => task switch
    {
        EvaluationTask.Lambada => new LastWordWork(request, Read(task, request, EvaluationFiles.LastWords)),
        EvaluationTask.HellaSwag => new ChoiceWork(request, Read(task, request, EvaluationFiles.HellaSwag)),
        EvaluationTask.Cbt => new ChoiceWork(request, Read(task, request, EvaluationFiles.ChildrensBooks)),
        _ => new TextWork(request, model),
    };

    /// <summary>The memory that it takes.</summary>
    internal virtual MemoryNeed Need(ModelDescription model) => MemoryNeed.Losses(Request.Batch, "a smaller --batch or another --model");

    /// <summary>Computes the report.</summary>
    internal abstract EvaluationReport Run(LanguageModel model, CancellationToken cancellation);

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
        var examples = request.Paths.SelectMany(read);
        List<T> taken = [.. request.Limit > 0 ? examples.Take(request.Limit) : examples];
        return taken.Count > 0 ? taken : throw new GptGenException($"'{string.Join(", ", request.Paths)}' holds no examples: give the benchmark's file.");
    }
}

/// <summary>Perplexity of a text.</summary>
internal sealed class TextWork : EvaluationWork
{
    private readonly TokenizedData data;
    private readonly TokenSource tokens;
    private readonly int stride;

    internal TextWork(EvaluationRequest request, ModelDescription model) : base(request)
    {
        stride = request.Stride == 0 ? model.Context : request.Stride;
        data = Texts.Data(request.Paths, request.Tokenizer);
        var all = data.ForEvaluation;
        tokens = request.Limit > 0 && request.Limit < all.Count ? all.Slice(0, request.Limit) : all;
    }

    internal override EvaluationReport Run(LanguageModel model, CancellationToken cancellation)
    {
        var progress = new EvaluationProgress("tokens", tokens.Count);
        var sum = default(PredictedTokens);
        foreach (var predicted in TextPerplexity.Evaluate(model, tokens, Request.Batch, stride, cancellation))
        {
            sum = predicted;
            progress.Show(sum.Count, () => FormattableString.Invariant($"loss {predicted.Loss:F4}"));
        }

        progress.End();
        var size = Waiting.For("counting words and bytes", () => TextSize.Of(tokens, Request.Tokenizer));
        return new EvaluationReport()
            .Count("tokens", "tokens", tokens.Count)
            .Count("words", "words", size.Words)
            .Count("bytes", "bytes", size.Bytes)
            .Number("loss", "loss", sum.Loss, "F4", "nats per token")
            .Number("perplexity", "perplexity", sum.PerplexityPer(sum.Count), "F3", "per token")
            .Number("perplexity_per_word", "", sum.PerplexityPer(size.Words), "G6", "per word")
            .Number("perplexity_per_byte", "", sum.PerplexityPer(size.Bytes), "F3", "per byte")
            .Number("bits_per_byte", "bits per byte", -sum.LogLikelihood / Math.Log(2) / size.Bytes, "F4");
    }

    public override void Dispose() => data.Dispose();
}

/// <summary>Last words of passages.</summary>
internal sealed class LastWordWork(EvaluationRequest request, List<LastWordExample> examples) : EvaluationWork(request)
{
    internal override MemoryNeed Need(ModelDescription model) => MemoryNeed.Inference(
        new(Request.Batch, model.Context, (int)Math.Min(int.MaxValue, (long)Request.Batch * model.Context), Request.Batch), "a smaller --batch");

    internal override EvaluationReport Run(LanguageModel model, CancellationToken cancellation)
    {
        var progress = new EvaluationProgress("passages", examples.Count);
        var (count, right, rightWithoutStopWords, logLikelihood) = (0, 0, 0, 0.0);
        foreach (var result in LastWordEvaluator.Evaluate(model, Request.Tokenizer, examples, Request.Batch, cancellation: cancellation))
        {
            count++;
            right += result.IsCorrect ? 1 : 0;
            rightWithoutStopWords += result.IsCorrectWithoutStopWords ? 1 : 0;
            logLikelihood += result.LogLikelihood;
            progress.Show(count, () => $"accuracy {EvaluationReport.Percent((double)right / count)}");
        }

        progress.End();
        return new EvaluationReport()
            .Count("examples", "passages", count)
            .Share("accuracy", "accuracy", (double)right / count)
            .Share("accuracy_without_stop_words", "accuracy, stop words left out", (double)rightWithoutStopWords / count)
            .Number("perplexity", "perplexity", Math.Exp(-logLikelihood / count), "G6", "per last word");
    }
}

/// <summary>Choices by likelihood.</summary>
internal sealed class ChoiceWork(EvaluationRequest request, List<ChoiceExample> examples) : EvaluationWork(request)
{
    internal override EvaluationReport Run(LanguageModel model, CancellationToken cancellation)
    {
        var progress = new EvaluationProgress("questions", examples.Count);
        var (count, right, rightByMean) = (0, 0, 0);
        foreach (var result in ChoiceEvaluator.Evaluate(model, Request.Tokenizer, examples, Request.Batch, cancellation))
        {
            count++;
            right += result.IsCorrect ? 1 : 0;
            rightByMean += result.IsCorrectByMean ? 1 : 0;
            progress.Show(count, () => $"accuracy {EvaluationReport.Percent((double)right / count)}");
        }

        progress.End();
        return new EvaluationReport()
            .Count("examples", "questions", count)
            .Share("accuracy", "accuracy", (double)right / count)
            .Share("accuracy_normalized", "accuracy, normalised by tokens", (double)rightByMean / count)
            .Share("chance", "chance", examples.Average(static example => 1.0 / example.Continuations.Count));
    }
}
