namespace GptGen.Training;

/// <summary>AdamW with its moments on the device, over all of a model's trained parameters at once.</summary>
public sealed class AdamWOptimizer : IDisposable
{
    private readonly Model model;
    private readonly Arena normArena;
    private readonly float[] norm = new float[1];

    /// <summary>Allocates the moments, all zero.</summary>
    public AdamWOptimizer(Model model)
    {
        this.model = model;
        FirstMoments = model.Device.Allocate(BufferRole.Moment, model.Description.TrainedElements);
        SecondMoments = model.Device.Allocate(BufferRole.Moment, model.Description.TrainedElements);
        normArena = model.Device.Allocate(BufferRole.Statistic, 1);
    }

    /// <summary>Running means of the gradients.</summary>
    public Arena FirstMoments { get; }

    /// <summary>Running means of the gradients' squares.</summary>
    public Arena SecondMoments { get; }

    /// <summary>One step.</summary>
    /// <param name="gradients">Gradients of this model, laid out as its trained parameters: <see cref="TrainingGraph.Gradients"/>.</param>
    /// <param name="step">Steps done before: the first has 0. Learning rate and bias corrections follow from it.</param>
    /// <param name="options">Learning rates and AdamW's numbers.</param>
    /// <returns>The norm of the gradients before clipping.</returns>
    /// <exception cref="ArgumentException">The gradients are another model's or another device's, or a number is out of range.</exception>
    public double Step(Arena gradients, int step, TrainingOptions options)
    {
        ArgumentNullException.ThrowIfNull(gradients);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfNegative(step);
        var description = model.Description;
        if (gradients.Role != BufferRole.Gradient || gradients.Elements != description.TrainedElements)
        {
            throw new ArgumentException(
                $"These {gradients.Elements} numbers (of role {gradients.Role}) are no gradients of {description.Name}, "
                + $"which has {description.TrainedElements}.", nameof(gradients));
        }

        var result = new Statistics(normArena.At(0), 1);
        model.Device.GradientNorm(gradients, description.TrainedElements, result);
        model.Device.AdamW(model.Parameters, gradients, FirstMoments, SecondMoments, result, new(
            description.TrainedElements, description.DecayedElements, step, (float)options.LearningRates.At(step),
            (float)options.Beta1, (float)options.Beta2, (float)options.Epsilon, (float)options.WeightDecay, (float)options.Clip));
        normArena.Read(0, norm);
        return norm[0];
    }

    /// <summary>Frees the moments.</summary>
    public void Dispose()
    {
        FirstMoments.Dispose();
        SecondMoments.Dispose();
        normArena.Dispose();
    }
}
