using GptGen.Distributed;
using GptGen.Training;

namespace GptGen.Finetuning;

/// <summary>
/// Fine-tunes a model with a task head on labelled examples (Radford et al. 2018, section 3.2): batches, forward, backward, AdamW, evaluation. The
/// best weights are handed to the caller to keep; without improvement it stops early.
/// </summary>
public sealed class Finetuner : IDisposable
{
    private readonly ITaskModel model;
    private readonly IReadOnlyList<EncodedExample> validation;
    private readonly TaskTargets targets;
    private readonly FinetuningOptions options;
    private readonly TrainingOptions stepOptions;
    private readonly Action<TaskMetrics> keepBest;
    private readonly Communicator? communicator;
    private readonly TaskBatches batches;
    private readonly StepGradients gradients;
    private readonly TaskPredictor predictor;
    private readonly AdamWOptimizer optimizer;
    private readonly BestBy bestBy;
    private bool hasSharedWeights;
    private int evaluationsWithoutGain;

    /// <summary>Prepares a run.</summary>
    /// <param name="model">The model; its weights are used as they are.</param>
    /// <param name="training">Examples to train on.</param>
    /// <param name="validation">Examples by which the best weights are chosen.</param>
    /// <param name="targets">The labels, or the scale of the grades.</param>
    /// <param name="options">The options.</param>
    /// <param name="keepBest">
    /// Called after each evaluation that is the best so far, to save the model's weights; of several processes by the first one alone.
    /// </param>
    /// <param name="communicator">
    /// The processes that compute the run together, each with a fine-tuner of its own on the same examples; null for one. The caller keeps it.
    /// </param>
    /// <exception cref="GptGenException">An option is out of range, or the head does not learn such targets or so many labels.</exception>
    public Finetuner(
        ITaskModel model, IReadOnlyList<EncodedExample> training, IReadOnlyList<EncodedExample> validation, TaskTargets targets,
        FinetuningOptions options, Action<TaskMetrics> keepBest, Communicator? communicator = null)
    {
        options.Validate(model.Description);
        var isGraded = targets is GradeScale;
        if (isGraded != model.Head.IsGraded)
            throw new GptGenException(
                $"The head of {model.Description.Name} learns "
                + $"{(isGraded ? "labels, not grades: give a label set" : "grades, not labels: give their scale")}, "
                + "or use a class with another head.");
        if (targets.Outputs > model.Head.Classes)
            throw new GptGenException(
                $"There are {targets.Outputs} labels, but the head of {model.Description.Name} has {model.Head.Classes}: "
                + "use a class with more of them.");
        var isSpan = targets is AnswerSpans;
        if (targets is TagSet != (model.Head.Kind == TaskKind.TokenClassification) || isSpan != (model.Head.Kind == TaskKind.QuestionAnswering))
            throw new GptGenException(
                $"The head of {model.Description.Name} is one of {model.Head.Kind}: use a class with the head that such examples are for.");
        bestBy = options.BestBy ?? (isGraded ? BestBy.Pearson : targets is TagSet or AnswerSpans ? BestBy.F1 : BestBy.Accuracy);
        if (bestBy == BestBy.Matthews && (targets is TagSet || isSpan))
            throw new GptGenException("Tags and answers have no Matthews correlation: choose f1, accuracy or loss for FinetuningOptions.BestBy.");
        if (bestBy is (BestBy.Pearson or BestBy.Spearman) && !targets.AreNumbers)
            throw new GptGenException("A correlation needs labels that are numbers: choose another FinetuningOptions.BestBy.");
        if (isGraded && bestBy is (BestBy.Accuracy or BestBy.F1 or BestBy.Matthews))
            throw new GptGenException("Grades are not right or wrong: choose pearson, spearman or loss for FinetuningOptions.BestBy.");
        if (training.Count == 0 || validation.Count == 0)
            throw new GptGenException(
                $"There are {training.Count} examples to train on and {validation.Count} to validate on: give at least one of each.");
        (this.model, this.validation, this.targets, this.options, this.keepBest) = (model, validation, targets, options, keepBest);
        this.communicator = communicator?.On(model.Model.Device);
        batches = new(model, training, options);
        var each = batches.StepsOfEpoch;
        Steps = (long)each * options.Epochs <= int.MaxValue
            ? each * options.Epochs
            : throw new GptGenException(
                $"FinetuningOptions.Epochs is {options.Epochs}, but must be at most {int.MaxValue / each} with {each} steps each.");
        stepOptions = options.ForSteps(Steps);
        gradients = new(batches, batches.MicroBatches, stepOptions, this.communicator);
        predictor = new(model, options.ExamplesAtOnce, options.Length, targets.Outputs) { Others = this.communicator };
        optimizer = new(model.Model, this.communicator);
    }

    /// <summary>Steps of the whole run.</summary>
    public int Steps { get; }

    /// <summary>The best validation metrics so far; null before the first evaluation.</summary>
    public TaskMetrics? Best { get; private set; }

    /// <summary>Whether the run ended early because nothing got better.</summary>
    public bool StoppedEarly { get; private set; }

    /// <summary>Whether the run ended before its last step, as this process or another one was asked to stop.</summary>
    public bool WasInterrupted { get; private set; }

    /// <summary>
    /// Runs the steps, one each time the caller asks for the next. When <paramref name="cancellation"/> asks to stop, the step is finished, its
    /// weights are evaluated, kept if they are the best, and the run ends. Several processes stop after the same step when one of them is asked to.
    /// </summary>
    /// <exception cref="GptGenException">The loss is no number, or the best weights cannot be kept.</exception>
    public IEnumerable<FinetuningProgress> Run(CancellationToken cancellation = default)
    {
        var step = 0;
        for (var epoch = 0; epoch < options.Epochs; epoch++)
        {
            var inEpoch = 0;
            while (inEpoch < batches.StepsOfEpoch)
            {
                var (loss, taskLoss) = Step(step, cancellation);
                step++;
                inEpoch++;
                var isStopping = WasInterrupted = gradients.IsStopping;
                var (metrics, isBest) = isStopping || IsEvaluated(inEpoch) ? Evaluate() : (null, false);
                StoppedEarly = step < Steps && options.Patience > 0 && evaluationsWithoutGain >= options.Patience;
                yield return new(step, Steps, loss, taskLoss, metrics, isBest) { Epoch = epoch + ((double)inEpoch / batches.StepsOfEpoch) };
                if (isStopping || StoppedEarly)
                    yield break;
            }
        }
    }

    /// <summary>Frees the run's memory; the model stays.</summary>
    public void Dispose()
    {
        gradients.Dispose();
        batches.Dispose();
        predictor.Dispose();
        optimizer.Dispose();
    }

    private (double Loss, double TaskLoss) Step(int step, CancellationToken cancellation)
    {
        ShareWeights();
        var loss = gradients.Compute(step, cancellation, mayGiveUp: false)!.Value;
        var norm = optimizer.Step(batches.Graph.Gradients, step, stepOptions);
        return double.IsFinite(loss) && double.IsFinite(norm)
            ? (loss, gradients.Part)
            : throw new GptGenException(
                FormattableString.Invariant(
                    $"The loss of step {step + 1} is {loss} and its gradient norm {norm}: lower FinetuningOptions.LearningRate; ")
                + "the best weights so far are kept.");
    }

    /// <summary>Whether one of the epoch's evenly spaced evaluations falls on the step, counted from 1 in the epoch.</summary>
    private bool IsEvaluated(int step)
    {
        var (evaluations, each) = (Math.Min(options.EvaluationsPerEpoch, batches.StepsOfEpoch), batches.StepsOfEpoch);
        return (long)step * evaluations / each > (long)(step - 1) * evaluations / each;
    }

    /// <summary>Gives all processes the weights of the first, once.</summary>
    private void ShareWeights()
    {
        if (!hasSharedWeights)
            communicator?.Broadcast(model.Model.Parameters, model.Description.ParameterElements);
        hasSharedWeights = true;
    }

    private (TaskMetrics Metrics, bool IsBest) Evaluate()
    {
        var metrics = predictor.Evaluate(validation, targets);
        var isBest = Best is null || IsBetter(metrics, Best);
        evaluationsWithoutGain = isBest ? 0 : evaluationsWithoutGain + 1;
        if (isBest)
        {
            if (communicator.IsFirstOrAlone())
                keepBest(metrics);
            communicator?.AwaitFirst();
            Best = metrics;
        }

        return (metrics, isBest);
    }

    /// <summary>By the chosen metric; of equals, the one with the smaller loss.</summary>
    private bool IsBetter(TaskMetrics metrics, TaskMetrics other) =>
        Value(metrics).CompareTo(Value(other)) is var order && order != 0 ? order > 0 : metrics.Loss < other.Loss;

    private double Value(TaskMetrics metrics) => bestBy switch
    {
        BestBy.Accuracy => metrics.Accuracy,
        BestBy.F1 => metrics.F1,
        BestBy.Matthews => metrics.Matthews,
        BestBy.Pearson => metrics.Pearson ?? -1,
        BestBy.Spearman => metrics.Spearman ?? -1,
        _ => -metrics.Loss,
    };
}
