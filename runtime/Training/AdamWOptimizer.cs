namespace GptGen.Training;

/// <summary>AdamW with its moments on the device, over all of a model's parameters at once.</summary>
public sealed class AdamWOptimizer : IDisposable
{
    private readonly LanguageModel model;
    private readonly Arena normArena;
    private readonly float[] norm = new float[1];

    /// <summary>Allocates the moments, all zero.</summary>
    public AdamWOptimizer(LanguageModel model)
    {
        this.model = model;
        FirstMoments = model.Device.Allocate(BufferRole.Moment, model.Description.ParameterElements);
        SecondMoments = model.Device.Allocate(BufferRole.Moment, model.Description.ParameterElements);
        normArena = model.Device.Allocate(BufferRole.Statistic, 1);
    }

    /// <summary>Running means of the gradients.</summary>
    public Arena FirstMoments { get; }

    /// <summary>Running means of the gradients' squares.</summary>
    public Arena SecondMoments { get; }

    /// <summary>One step, number <paramref name="step"/> from 0.</summary>
    /// <returns>The norm of the gradients before clipping.</returns>
    public double Step(Arena gradients, int step, TrainingOptions options)
    {
        var description = model.Description;
        var result = new Statistics(normArena.At(0), 1);
        model.Device.GradientNorm(gradients, description.ParameterElements, result);
        model.Device.AdamW(model.Parameters, gradients, FirstMoments, SecondMoments, result, new(
            description.ParameterElements, description.DecayedElements, step + 1, (float)options.LearningRates.At(step),
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
