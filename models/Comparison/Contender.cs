using GptGen.Models.Commands;
using GptGen.Training;

namespace GptGen.Models.Comparison;

/// <summary>A system that the article speaks of, as a model of the zoo that is about as large as the others, and how it is trained.</summary>
/// <param name="Title">Its name.</param>
/// <param name="Model">The model, as <see cref="Zoo"/> has it.</param>
/// <param name="Batch">Sequences of a step, pairs of an encoder-decoder.</param>
/// <param name="Length">Tokens of a sequence.</param>
/// <param name="LearningRate">The rate at its highest.</param>
internal sealed record Contender(string Title, string Model, int Batch, int Length, double LearningRate)
{
    /// <summary>Every system, in the table's order.</summary>
    internal static IReadOnlyList<Contender> All { get; } =
    [
        new("GPT-1", "gpt1-mini-4k", 8, 256, 2e-3),
        new("GPT-2", "gpt2-tiny-4k", 8, 256, 2e-3),
        new("BERT", "bert-mini-4k", 16, 128, 1e-3),
        new("Transformer-XL", "txl-mini-4k", 16, 128, 2e-3),
        new("ELMo", "elmo-mini-4k", 16, 128, 2e-3),
        new("Encoder-decoder", "seq2seq-mini-4k", 64, 64, 3e-3),
    ];

    /// <summary>Rows that each layer of a segment model keeps, in training and in evaluation.</summary>
    internal const int Memory = 256;

    private const double WarmupShare = 0.08;

    /// <summary>The model's entry.</summary>
    internal ZooEntry Entry => Zoo.Find(Model);

    /// <summary>How it is pre-trained.</summary>
    internal TrainingOptions Options(ComparisonSettings settings) => new()
    {
        Steps = settings.Steps,
        Batch = Batch,
        Length = Length,
        LearningRate = LearningRate,
        Warmup = (int)Math.Ceiling(WarmupShare * settings.Steps),
        WeightDecay = 0.01,
        // The text is read many times.
        Dropout = 0.1,
        LabelSmoothing = Entry.Kind == ModelKind.Translation ? 0.1 : 0,
        EvaluateEvery = 500,
        SaveEvery = 500,
        Seed = settings.Seed,
    };

    /// <summary>The model, its weights zero, and what it is trained on; the caller disposes of all three, the batches first.</summary>
    internal (TrainingMaterial Material, Model Model, Batches Batches) Open(ComparisonRun comparison, CancellationToken cancellation)
    {
        var options = Options(comparison.Settings);
        var material = TrainingMaterial.Open(
            Entry,
            new()
            {
                Data = [comparison.Corpus.TextPath],
                Memory = Entry.Kind == ModelKind.Segment ? Memory : null,
                Pretraining = Entry.Kind == ModelKind.Masked ? new() : null,
                Pairs = Entry.Kind == ModelKind.Translation ? comparison.Corpus.PairsPath : null,
            },
            comparison.Corpus.Tokenizer,
            cancellation);
        try
        {
            var model = Entry.Open(comparison.Device, MemoryNeed.Training(Batch, Length, "a machine with more memory"));
            try
            {
                return (material, model, material.CreateBatches(model, options));
            }
            catch
            {
                model.Dispose();
                throw;
            }
        }
        catch
        {
            material.Dispose();
            throw;
        }
    }

    /// <summary>Why it has no number for a measure; null where it has one.</summary>
    internal string? Lack(Measure measure) => Entry.Kind switch
    {
        ModelKind.Masked when measure is Measure.PerplexityPerByte or Measure.BitsPerByte =>
            "sees both sides of what it predicts, so that its probabilities of tokens are none of a text",
        ModelKind.Masked when measure is Measure.ZeroShotChoice or Measure.ZeroShotEntailment => "gives texts no likelihood",
        ModelKind.Segment when measure is >= Measure.Entailment and <= Measure.Similarity => "has no task head here",
        ModelKind.Segment when measure is Measure.ZeroShotChoice or Measure.ZeroShotEntailment => "is not asked: choosing by prompt is the GPTs'",
        ModelKind.Bidirectional when measure is Measure.ZeroShotChoice or Measure.ZeroShotEntailment =>
            "is not asked: choosing by prompt is the GPTs'",
        ModelKind.Translation when measure is Measure.PerplexityPerByte or Measure.BitsPerByte =>
            "predicts a name from its summary, not running text",
        ModelKind.Translation when measure is Measure.Entailment or Measure.Classification or Measure.Similarity => "has no task head here",
        ModelKind.Translation when measure is Measure.ZeroShotChoice or Measure.ZeroShotEntailment =>
            "was trained on the pairs of summary and name that these ask for; its choice is by their likelihood",
        _ => null,
    };
}
