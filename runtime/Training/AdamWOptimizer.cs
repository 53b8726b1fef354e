using GptGen.Distributed;

namespace GptGen.Training;

/// <summary>
/// AdamW with its moments on the device, over all of a model's trained parameters at once; of several processes each has the moments of its part
/// alone, changes that part of the weights, and gives it to the others.
/// </summary>
public sealed class AdamWOptimizer : IDisposable
{
    private readonly Model model;
    private readonly Arena normArena;
    private readonly float[] norm = new float[1];
    private readonly Communicator? communicator;
    private readonly Partition parts;
    private readonly double[] ownSums = [];
    private readonly double[] allSums = [];

    /// <summary>Allocates the moments, all zero.</summary>
    public AdamWOptimizer(Model model)
        : this(model, communicator: null)
    {
    }

    /// <summary>The same for one of several processes.</summary>
    internal AdamWOptimizer(Model model, Communicator? communicator)
    {
        (this.model, this.communicator) = (model, communicator);
        var elements = model.Description.TrainedElements;
        parts = communicator?.Divide(model.Description) ?? Partition.Whole(elements);
        if (communicator is not null)
        {
            elements = parts.Count(communicator.Rank);
            (ownSums, allSums) = (new double[parts.MostSums], new double[parts.MostSums * communicator.Size]);
        }

        FirstMoments = model.Device.Allocate(BufferRole.Moment, elements);
        SecondMoments = model.Device.Allocate(BufferRole.Moment, elements);
        normArena = model.Device.Allocate(BufferRole.Statistic, 1);
    }

    /// <summary>Running means of the gradients; of several processes, those of this one's part.</summary>
    public Arena FirstMoments { get; }

    /// <summary>Running means of the gradients' squares; of several processes, those of this one's part.</summary>
    public Arena SecondMoments { get; }

    /// <summary>One step. Several processes make it together, each with the sum of all gradients in its part.</summary>
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
        if (communicator is null)
            model.Device.GradientNorm(gradients, description.TrainedElements, result);
        else
            SumUp(communicator, gradients);
        var rank = communicator?.Rank ?? 0;
        for (var range = 0; range < parts.Ranges; range++)
        {
            var (first, count) = (parts.First(range, rank), parts.Count(range, rank));
            var decayed = (nint)Math.Clamp(description.DecayedElements - first, 0, count);
            model.Device.AdamW(
                model.Parameters, gradients, first, FirstMoments, SecondMoments, parts.FirstMoment(range, rank), result, new(
                count, decayed, step, (float)options.LearningRates.At(step), (float)options.Beta1, (float)options.Beta2, (float)options.Epsilon,
                (float)options.WeightDecay, (float)options.Clip));
        }

        communicator?.AllGather(model.Parameters, parts);
        normArena.Read(0, norm);
        return norm[0];
    }

    /// <summary>Puts what each process has of some moments into an arena of rank 0, which is as large as all.</summary>
    internal void Gather(Arena moments, Arena whole) => communicator!.Gather(moments, whole, parts);

    /// <summary>Gives each process its part of moments that rank 0 has read.</summary>
    internal void Scatter(Arena whole, Arena moments) => communicator!.Scatter(whole, moments, parts);

    /// <summary>Frees the moments.</summary>
    public void Dispose()
    {
        FirstMoments.Dispose();
        SecondMoments.Dispose();
        normArena.Dispose();
    }

    /// <summary>
    /// The norm of the sum of all processes' gradients, summed up in the order of the elements: on the CPU block by block as by one process.
    /// </summary>
    private void SumUp(Communicator others, Arena gradients)
    {
        var sums = 0;
        for (var range = 0; range < parts.Ranges; range++)
        {
            var own = parts.Sums(range, others.Rank);
            if (own > 0)
                model.Device.SquareSums(gradients, parts.First(range, others.Rank), parts.Count(range, others.Rank), ownSums.AsSpan(sums, own));
            sums += own;
        }

        others.Exchange(ownSums, allSums);
        norm[0] = (float)Math.Sqrt(parts.Add(allSums));
        normArena.Write(0, norm);
    }
}
