using GptGen.Training;

namespace GptGen.Finetuning;

/// <summary>
/// Fine-tunes a model with a task head on labelled examples (Radford et al. 2018, section 3.2): batches, forward, backward, AdamW, evaluation. The
/// best weights are handed to the caller to keep; without improvement it stops early.
/// </summary>
public sealed class Finetuner : IDisposable
{
    private readonly IReadOnlyList<EncodedExample> training;
    private readonly IReadOnlyList<EncodedExample> validation;
    private readonly TaskTargets targets;
    private readonly FinetuningOptions options;
    private readonly TrainingOptions stepOptions;
    private readonly Action<TaskMetrics> keepBest;
    private readonly ITaskTraining task;
    private readonly TrainingGraph graph;
    private readonly TaskPredictor predictor;
    private readonly AdamWOptimizer optimizer;
    private readonly ExampleBatch batch;
    private readonly BatchOrder order;
    private readonly BestBy bestBy;
    private readonly int stepsPerEpoch;
    private int evaluationsWithoutGain;

    /// <summary>Prepares a run.</summary>
    /// <param name="model">The model; its weights are used as they are.</param>
    /// <param name="training">Examples to train on.</param>
    /// <param name="validation">Examples by which the best weights are chosen.</param>
    /// <param name="targets">The labels, or the scale of the grades.</param>
    /// <param name="options">The options.</param>
    /// <param name="keepBest">Called after each evaluation that is the best so far, to save the model's weights.</param>
    /// <exception cref="GptGenException">An option is out of range, or the head does not learn such targets or so many labels.</exception>
    public Finetuner(
        ITaskModel model, IReadOnlyList<EncodedExample> training, IReadOnlyList<EncodedExample> validation, TaskTargets targets,
        FinetuningOptions options, Action<TaskMetrics> keepBest)
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
        (this.training, this.validation, this.targets, this.options, this.keepBest) = (training, validation, targets, options, keepBest);
        order = new(training.Select(static example => example.Length), options.Batch, options.Seed);
        stepsPerEpoch = order.BatchesOfEpoch;
        Steps = (long)stepsPerEpoch * options.Epochs <= int.MaxValue
            ? stepsPerEpoch * options.Epochs
            : throw new GptGenException(
                $"FinetuningOptions.Epochs is {options.Epochs}, but must be at most {int.MaxValue / stepsPerEpoch} with {stepsPerEpoch} steps each.");
        stepOptions = options.ForSteps(Steps);
        task = model.CreateTaskTraining(options.ExamplesAtOnce * model.Head.SequencesPerExample, options.Length);
        graph = task.Graph;
        graph.ReserveGradients();
        if (graph is TaskTrainingGraph language)
            language.LanguageModelWeight = (float)(options.LanguageModelWeight ?? model.Head.LanguageModelWeight);
        predictor = new(model, options.ExamplesAtOnce, options.Length, targets.Outputs);
        optimizer = new(model.Model);
        batch = new(model.Description, options.ExamplesAtOnce, options.Length);
    }

    /// <summary>Steps of the whole run.</summary>
    public int Steps { get; }

    /// <summary>The best validation metrics so far; null before the first evaluation.</summary>
    public TaskMetrics? Best { get; private set; }

    /// <summary>Whether the run ended early because nothing got better.</summary>
    public bool StoppedEarly { get; private set; }

    /// <summary>
    /// Runs the steps, one each time the caller asks for the next. When <paramref name="cancellation"/> asks to stop, the step is finished, its
    /// weights are evaluated, kept if they are the best, and the run ends.
    /// </summary>
    /// <exception cref="GptGenException">The loss is no number, or the best weights cannot be kept.</exception>
    public IEnumerable<FinetuningProgress> Run(CancellationToken cancellation = default)
    {
        var step = 0;
        for (var epoch = 0; epoch < options.Epochs; epoch++)
        {
            var inEpoch = 0;
            while (inEpoch < stepsPerEpoch)
            {
                var (loss, taskLoss) = Step(step, order.Batch(step));
                step++;
                inEpoch++;
                var isStopping = cancellation.IsCancellationRequested;
                var (metrics, isBest) = isStopping || IsEvaluated(inEpoch) ? Evaluate() : (null, false);
                StoppedEarly = step < Steps && options.Patience > 0 && evaluationsWithoutGain >= options.Patience;
                yield return new(step, Steps, loss, taskLoss, metrics, isBest) { Epoch = epoch + ((double)inEpoch / stepsPerEpoch) };
                if (isStopping || StoppedEarly)
                    yield break;
            }
        }
    }

    /// <summary>Frees the run's memory; the model stays.</summary>
    public void Dispose()
    {
        graph.Dispose();
        predictor.Dispose();
        optimizer.Dispose();
    }

    private (double Loss, double TaskLoss) Step(int step, ReadOnlySpan<int> indexes)
    {
        var (loss, taskLoss) = (0.0, 0.0);
        var losses = 0;
        foreach (var index in indexes)
            losses += training[index].LossCount;
        for (var (done, micro) = (0, 0); done < indexes.Length; done += options.ExamplesAtOnce, micro++)
        {
            batch.Set(training, indexes.Slice(done, Math.Min(options.ExamplesAtOnce, indexes.Length - done)));
            task.Set(batch, losses);
            loss += graph.Train(new((float)options.Dropout, options.Seed, (uint)step, micro), accumulate: micro > 0);
            taskLoss += task.ReadTaskLoss();
        }

        var norm = optimizer.Step(graph.Gradients, step, stepOptions);
        return double.IsFinite(loss) && double.IsFinite(norm)
            ? (loss, taskLoss)
            : throw new GptGenException(
                FormattableString.Invariant(
                    $"The loss of step {step + 1} is {loss} and its gradient norm {norm}: lower FinetuningOptions.LearningRate; ")
                + "the best weights so far are kept.");
    }

    /// <summary>Whether one of the epoch's evenly spaced evaluations falls on the step, counted from 1 in the epoch.</summary>
    private bool IsEvaluated(int step)
    {
        var evaluations = Math.Min(options.EvaluationsPerEpoch, stepsPerEpoch);
        return (long)step * evaluations / stepsPerEpoch > (long)(step - 1) * evaluations / stepsPerEpoch;
    }

    private (TaskMetrics Metrics, bool IsBest) Evaluate()
    {
        var metrics = predictor.Evaluate(validation, targets);
        var isBest = Best is null || IsBetter(metrics, Best);
        evaluationsWithoutGain = isBest ? 0 : evaluationsWithoutGain + 1;
        if (isBest)
        {
            keepBest(metrics);
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
