using GptGen.Distributed;
using GptGen.Models.Commands;
using GptGen.Training;

namespace GptGen.Models.Comparison;

/// <summary>A system that the article speaks of, as a model of the zoo that is about as large as the others, and how it is trained.</summary>
/// <param name="Title">Its name.</param>
/// <param name="Model">The model, as <see cref="Zoo"/> has it.</param>
/// <param name="Batch">Sequences of a step, or pairs; times the length about <see cref="ComparisonSettings.TokensPerStep"/>.</param>
/// <param name="Length">Tokens of a sequence.</param>
/// <param name="LearningRate">The rate at its highest.</param>
internal sealed record Contender(string Title, string Model, int Batch, int Length, double LearningRate)
{
    private const double WarmupShare = 0.08;

    /// <summary>Every system, in the table's order.</summary>
    internal static IReadOnlyList<Contender> All { get; } =
    [
        new("GPT-1", "gpt1-mini-4k", 8, 256, 2e-3),
        new("GPT-2", "gpt2-tiny-4k", 8, 256, 2e-3),
        new("BERT", "bert-mini-4k", 16, 128, 1e-3),
        new("Transformer-XL", "txl-mini-4k", 16, 128, 2e-3) { Memory = 256 },
        // Of its task only the new layers learn, from nothing.
        new("ELMo", "elmo-mini-4k", 16, 128, 2e-3) { TaskLearningRate = 1e-3 },
        // A pair is about 21 tokens.
        new("Encoder-decoder", "seq2seq-mini-4k", 96, 64, 3e-3),
    ];

    /// <summary>Rows that each layer of a segment model keeps, in training and in evaluation; 0 for other models.</summary>
    internal int Memory { get; private init; }

    /// <summary>The rate of fine-tuning at its highest. The paper's is for a model a hundred times as large.</summary>
    internal double TaskLearningRate { get; private init; } = 5e-4;

    /// <summary>The model's entry.</summary>
    internal ZooEntry Entry => Zoo.Find(Model);

    /// <summary>Whether it learns the tasks.</summary>
    internal bool IsFinetuned => Lack(Measure.Entailment) is null;

    /// <summary>How it is pre-trained.</summary>
    /// <param name="settings">The comparison's settings.</param>
    /// <param name="others">The processes that do it together; null for one.</param>
    internal TrainingOptions Options(ComparisonSettings settings, Communicator? others) => new()
    {
        Steps = settings.Steps,
        Batch = Batch,
        Shares = others?.Size ?? 1,
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
        var request = new TrainingRequest
        {
            Data = [comparison.Corpus.TextPath],
            Memory = Entry.Kind == ModelKind.Segment ? Memory : null,
            Pretraining = Entry.Kind == ModelKind.Masked ? new() : null,
            Pairs = Entry.Kind == ModelKind.Translation ? comparison.Corpus.PairsPath : null,
        };
        var material = TrainingMaterial.Open(Entry, request, comparison.Corpus.Tokenizer, cancellation);
        Model? model = null;
        try
        {
            model = Entry.Open(comparison.Device, MemoryNeed.Training(Batch, Length, "a machine with more memory"));
            return (material, model, material.CreateBatches(model, Options(comparison.Record.Settings, comparison.Others)));
        }
        catch
        {
            model?.Dispose();
            material.Dispose();
            throw;
        }
    }

    /// <summary>Why it has no number for a measure; null where it has one.</summary>
    internal string? Lack(Measure measure) => (Entry.Kind, measure) switch
    {
        (ModelKind.Masked, Measure.PerplexityPerByte or Measure.BitsPerByte) =>
            "it sees both sides of what it predicts, so that its probabilities of tokens are none of a text",
        (ModelKind.Masked, Measure.ZeroShotChoice or Measure.ZeroShotEntailment) => "it gives texts no likelihood",
        (ModelKind.Segment, Measure.Entailment or Measure.Choice or Measure.Classification or Measure.Similarity) => "it has no task head here",
        (ModelKind.Segment or ModelKind.Bidirectional, Measure.ZeroShotChoice or Measure.ZeroShotEntailment) =>
            "it is not asked, since choosing by prompt is the GPTs'",
        (ModelKind.Translation, Measure.PerplexityPerByte or Measure.BitsPerByte) => "it predicts a name from its summary, not running text",
        (ModelKind.Translation, Measure.Entailment or Measure.Classification or Measure.Similarity) => "it has no task head here",
        (ModelKind.Translation, Measure.ZeroShotChoice or Measure.ZeroShotEntailment) =>
            "it was trained on pairs of summary and name, which these ask for; its choice is by their likelihood",
        _ => null,
    };
}
