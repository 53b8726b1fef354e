using GptGen.Text;
using GptGen.Training;

namespace GptGen.Models.Commands;

/// <summary>Text or tokens for a bidirectional model, both of whose directions read on in it from step to step.</summary>
internal sealed class BidirectionalMaterial : TrainingMaterial
{
    private const int ShownTokens = 1 << 14;

    private readonly Tokenizer tokenizer;
    private readonly TokenizedData data;
    private readonly TokenDataset sets;
    private TrainingOptions? options;

    internal BidirectionalMaterial(ZooEntry entry, TrainingRequest request, Tokenizer tokenizer, CancellationToken cancellation)
    {
        this.tokenizer = tokenizer;
        data = Texts.Data(request.Data, tokenizer, entry.Description, new(request.EndOfText), cancellation);
        sets = data.Split();
    }

    internal override long TokenCount => sets.Training.Count;

    internal override string Source => data.Source;

    internal override BidirectionalBatches CreateBatches(Model model, TrainingOptions options) =>
        new((BidirectionalModel)model, sets, this.options = options, tokenizer);

    // Each direction only reads the token that it begins with.
    internal override string Validation(Trainer trainer) =>
        FormattableString.Invariant($"{Math.Min(trainer.ValidationTokens + 1, sets.Validation.Count):N0}");

    /// <summary>How well each direction predicts, read as the run was, which takes no more memory.</summary>
    internal override void ShowAtEnd(Model model, CancellationToken cancellation)
    {
        var text = sets.Validation.Slice(0, Math.Min(ShownTokens, sets.Validation.Count));
        var (streams, length) = (options!.Batch, options.Length);
        var atOnce = StepCut.Of(options).Sequences;
        using var graph = ((BidirectionalModel)model).CreateTraining(atOnce, length);
        var evaluator = new BidirectionalEvaluator(graph, text, streams, length, atOnce, tokenizer);
        var predicted = evaluator.Predict(cancellation);
        var (forward, backward) = (predicted.Forward, predicted.Backward);
        Console.WriteLine(FormattableString.Invariant(
            $"perplexity of {text.Count:N0} held-out tokens: {forward.PerplexityPer(forward.Count):F2} forward, ")
            + FormattableString.Invariant($"{backward.PerplexityPer(backward.Count):F2} backward"));
        Console.WriteLine();
    }

    public override void Dispose() => data.Dispose();
}
