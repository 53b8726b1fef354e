using GptGen.Distributed;
using GptGen.Evaluation;
using GptGen.Generation;
using GptGen.Text;

namespace GptGen.Models.Commands;

/// <summary>Last words of passages.</summary>
internal sealed class LastWordWork(EvaluationRequest request, Tokenizer tokenizer, List<LastWordExample> examples) : EvaluationWork(request)
{
    internal override MemoryNeed Need(ModelDescription model) => MemoryNeed.Inference(
        new(Request.Batch, model.Context, (int)Math.Min(int.MaxValue, (long)Request.Batch * model.Context), Request.Batch), "a smaller --batch");

    internal override double Fingerprint =>
        examples.Aggregate(new Fingerprint(), static (all, example) => all.Add(example.Context).Add(example.Word)).Number;

    internal override EvaluationReport Run(Model model, CancellationToken cancellation)
    {
        var progress = new EvaluationProgress("passages", examples.Count);
        var (count, right, rightWithoutStopWords, logLikelihood) = (0, 0, 0, 0.0);
        foreach (var result in LastWordEvaluator.Evaluate(
            (LanguageModel)model, tokenizer, examples, Request.Batch, stopWords: null, Request.Others, cancellation))
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
internal sealed class ChoiceWork(EvaluationRequest request, Tokenizer tokenizer, List<ChoiceExample> examples) : EvaluationWork(request)
{
    internal override double Fingerprint => examples.Aggregate(
        new Fingerprint(), static (all, example) => example.Continuations.Aggregate(
            all.Add(example.Context).Add([example.Answer]), static (all, text) => all.Add(text))).Number;

    internal override EvaluationReport Run(Model model, CancellationToken cancellation)
    {
        var progress = new EvaluationProgress("questions", examples.Count);
        var (count, right, rightByMean) = (0, 0, 0);
        foreach (var result in ChoiceEvaluator.Evaluate(
            (LanguageModel)model, tokenizer, examples, Request.Batch, Request.Others, cancellation))
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
