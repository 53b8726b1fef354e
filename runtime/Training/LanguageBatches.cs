using GptGen.Text;

namespace GptGen.Training;

/// <summary>Batches of a language model: windows at random places of a text, and consecutive windows of another to evaluate on.</summary>
public sealed class LanguageBatches : Batches
{
    private readonly TrainingOptions options;
    private readonly StepCut cut;
    private readonly LanguageTrainingGraph graph;
    private readonly RandomBatches batches;
    private readonly Evaluator evaluator;
    private readonly int[] tokens;
    private readonly int[] targets;
    private readonly float[] weights;

    /// <summary>Prepares the batches of a run.</summary>
    /// <param name="model">The model.</param>
    /// <param name="data">Tokens to train on and to validate on.</param>
    /// <param name="options">The options.</param>
    /// <exception cref="GptGenException">An option is out of range, or the data is too short.</exception>
    public LanguageBatches(LanguageModel model, TokenDataset data, TrainingOptions options)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate(model.Description);
        (this.options, cut) = (options, StepCut.Of(options));
        batches = new(data.Training, options.Length, options.Seed);
        graph = model.CreateTraining(cut.Sequences, options.Length);
        evaluator = new(graph, options.Validation(data), cut.Sequences, options.Length);
        tokens = new int[cut.Sequences * options.Length];
        targets = new int[tokens.Length];
        weights = new float[tokens.Length];
        Array.Fill(weights, 1f / (tokens.Length * (float)cut.MicroBatches));
    }

    /// <inheritdoc/>
    public override LanguageTrainingGraph Graph => graph;

    /// <inheritdoc/>
    internal override int MicroBatches(TrainingOptions _) => cut.MicroBatches;

    /// <inheritdoc/>
    internal override bool DividesEvaluation => true;

    /// <inheritdoc/>
    public override long EvaluationCount => evaluator.PredictionCount;

    /// <inheritdoc/>
    public override void Fill(int step, int micro)
    {
        batches.Fill((uint)step, (long)micro * cut.Sequences, options.Batch, tokens, targets);
        graph.SetBatch(cut.Sequences, options.Length, tokens, targets, weights);
    }

    /// <inheritdoc/>
    public override Evaluation Evaluate(CancellationToken cancellation = default, Action<long, long>? progress = null) =>
        new(evaluator.MeanLoss(Communicator, cancellation, progress));
}
