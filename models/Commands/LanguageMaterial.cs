using System.Text;
using GptGen.Distributed;
using GptGen.Generation;
using GptGen.Sampling;
using GptGen.Text;
using GptGen.Training;
using Spectre.Console;

namespace GptGen.Models.Commands;

/// <summary>Text or tokens for a language model, which shows samples of what it writes.</summary>
internal sealed class LanguageMaterial : TrainingMaterial
{
    private const int ShortSampleTokens = 150;

    private readonly TrainingRequest request;
    private readonly Tokenizer tokenizer;
    private readonly TokenizedData data;
    private readonly TokenDataset sets;

    internal LanguageMaterial(ZooEntry entry, TrainingRequest request, Tokenizer tokenizer, CancellationToken cancellation)
    {
        (this.request, this.tokenizer) = (request, tokenizer);
        data = Texts.Data(request.Data, tokenizer, entry.Description, new(request.EndOfText), cancellation);
        sets = data.Split();
    }

    internal override long TokenCount => sets.Training.Count;

    internal override string Source => data.Source;

    internal override double Fingerprint => new Fingerprint().Add(sets.Training).Add(sets.Validation).Number;

    internal override LanguageBatches CreateBatches(Model model, TrainingOptions options) => new((LanguageModel)model, sets, options);

    // The first token is read only.
    internal override string Validation(Trainer trainer) =>
        FormattableString.Invariant($"{Math.Min(trainer.ValidationTokens + 1, sets.Validation.Count):N0}");

    internal override void ShowOnTheWay(Model model, int step, CancellationToken cancellation)
    {
        if (request.SampleEvery == 0 || step % request.SampleEvery != 0)
            return;
        var text = new StringBuilder();
        try
        {
            foreach (var piece in Sample(model, ShortSampleTokens, cancellation))
                text.Append(piece);
        }
        catch (OperationCanceledException)
        {
            // The run ends with this step.
            return;
        }

        var block = $"--- sample after step {step}\n{text}\n---";
        if (TrainingDisplay.IsPlain)
            Console.WriteLine(block);
        else
            AnsiConsole.WriteLine(block);
    }

    internal override void ShowAtEnd(Model model, CancellationToken cancellation)
    {
        if (request.SampleTokens == 0)
            return;
        var text = new StringBuilder();
        foreach (var piece in Sample(model, request.SampleTokens, cancellation))
        {
            Console.Write(piece);
            text.Append(piece);
        }

        Console.WriteLine();
        Console.WriteLine();
        if (data.Text is null)
            return;
        var (words, known) = new WordList(data.Text).Check(text.ToString());
        if (words > 0)
            Console.WriteLine(FormattableString.Invariant($"{100.0 * known / words:F0} % of the {words} words written occur in the corpus"));
    }

    public override void Dispose() => data.Dispose();

    private IEnumerable<string> Sample(Model model, int tokens, CancellationToken cancellation)
    {
        var sampling = new SamplingOptions { Temperature = 0.7f, TopK = 40, Seed = 1 };
        return new TextGenerator((LanguageModel)model, tokenizer).Generate("", new() { Tokens = tokens, Sampling = sampling }, cancellation)
            .Select(static piece => piece.Text);
    }
}
