using GptGen.Text;
using GptGen.Training;

namespace GptGen.Models.Commands;

/// <summary>Text or tokens for a segment model, which reads on in it from step to step.</summary>
internal sealed class SegmentMaterial : TrainingMaterial
{
    private const int ShownTokens = 1 << 14;

    private readonly TokenizedData data;
    private readonly TokenDataset sets;
    private readonly int? memory;
    private TrainingOptions? options;

    internal SegmentMaterial(ZooEntry entry, TrainingRequest request, Tokenizer tokenizer, CancellationToken cancellation)
    {
        memory = request.Memory;
        data = Texts.Data(request.Data, tokenizer, entry.Description, new(request.EndOfText), cancellation);
        sets = data.Split();
    }

    internal override long TokenCount => sets.Training.Count;

    internal override string Source => data.Source;

    internal override SegmentBatches CreateBatches(Model model, TrainingOptions options) =>
        new((SegmentModel)model, sets, this.options = options, memory);

    // The first token is read only.
    internal override string Validation(Trainer trainer) =>
        FormattableString.Invariant($"{Math.Min(trainer.ValidationTokens + 1, sets.Validation.Count):N0}");

    /// <summary>What the memory is worth: the loss of one text with more and more of it, read in the run's own segments.</summary>
    internal override void ShowAtEnd(Model model, CancellationToken cancellation)
    {
        var segments = (SegmentModel)model;
        var (streams, length, most) = (options!.Batch, options.Length, model.Description.MemoryLength);
        var text = sets.Validation.Slice(0, Math.Min(ShownTokens, sets.Validation.Count));
        var atOnce = StepCut.Of(options).Sequences;
        using var graph = segments.CreateTraining(atOnce, length);
        foreach (var rows in new[] { 0, most / 16, most / 4, most }.Distinct())
        {
            var loss = new SegmentEvaluator(graph, text, streams, length, rows) { AtOnce = atOnce }.MeanLoss(cancellation);
            Console.WriteLine(FormattableString.Invariant($"loss of {text.Count:N0} held-out tokens with a memory of {rows,5:N0}: {loss:F4}"));
        }

        Console.WriteLine();
    }

    public override void Dispose() => data.Dispose();
}
