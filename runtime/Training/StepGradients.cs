using GptGen.Distributed;

namespace GptGen.Training;

/// <summary>
/// The loss and the gradients of a step: the process's own shares one after the other, and what all processes must know alike. Allocates nothing on
/// the managed heap after the constructor.
/// </summary>
internal sealed class StepGradients : IDisposable
{
    /// <summary>Of each micro-batch a process tells the loss and its part.</summary>
    private const int OfEach = 2;

    /// <summary>Beside these it tells its rows, whether it gave the step up and whether it is asked to stop.</summary>
    private const int Beside = 3;

    private readonly IMicroBatches batches;
    private readonly TrainingOptions options;
    private readonly Communicator? communicator;
    private readonly GradientTree? tree;
    private readonly BucketReduction? reduction;
    private readonly int shares;
    private readonly int microBatches;
    private readonly int first;
    private readonly double[] own = [];
    private readonly double[] all = [];
    private double loss;

    /// <summary>Prepares the steps of a run.</summary>
    /// <param name="batches">What they are computed on.</param>
    /// <param name="micros">Micro-batches of a step.</param>
    /// <param name="options">The options, of which the shares divide the micro-batches.</param>
    /// <param name="communicator">The processes; null for one.</param>
    /// <exception cref="GptGenException">The processes do not divide the shares.</exception>
    internal StepGradients(IMicroBatches batches, int micros, TrainingOptions options, Communicator? communicator)
    {
        (this.batches, this.options, this.communicator) = (batches, options, communicator);
        var ranks = communicator?.Size ?? 1;
        Require(options.Shares, ranks);
        shares = options.Shares / ranks;
        microBatches = micros / options.Shares;
        first = (communicator?.Rank ?? 0) * shares * microBatches;
        batches.Graph.ReserveGradients();
        if (shares > 1)
            tree = new(batches.Graph, shares);
        if (communicator is null)
            return;
        reduction = new(batches.Graph, tree, communicator);
        own = new double[checked((OfEach * shares * microBatches) + Beside)];
        all = new double[checked(ranks * own.Length)];
    }

    /// <summary>Rows of the last step's batches, those of all processes.</summary>
    internal long Rows { get; private set; }

    /// <summary>The part of the last step's loss that is told apart.</summary>
    internal double Part { get; private set; }

    /// <summary>Whether any process was asked to stop when the last step was computed.</summary>
    internal bool IsStopping { get; private set; }

    /// <summary>
    /// Computes the gradients of the process's shares, and the loss of all; of several processes each then has the sum of all in its part alone.
    /// </summary>
    /// <param name="step">The step, from 0.</param>
    /// <param name="cancellation">Asks to stop.</param>
    /// <param name="mayGiveUp">Whether a step is then given up between two micro-batches, and otherwise finished.</param>
    /// <returns>The loss; null where the step is given up, of which nothing is left.</returns>
    internal double? Compute(int step, CancellationToken cancellation, bool mayGiveUp = true)
    {
        var done = 0;
        var isGivenUp = false;
        (loss, Part, Rows) = (0, 0, 0);
        tree?.Begin();
        for (var share = 0; share < shares; share++)
        {
            var hasGradients = false;
            for (var end = done + microBatches; done < end; done++)
            {
                isGivenUp = mayGiveUp && done > 0 && cancellation.IsCancellationRequested;
                if (isGivenUp)
                    break;
                reduction?.Watch(isLast: done + 1 == shares * microBatches);
                hasGradients |= Add(step, done, hasGradients);
            }

            if (isGivenUp)
                break;
            // A share without examples adds nothing to the sum.
            if (!hasGradients)
                batches.Graph.Gradients.Clear(0, batches.Graph.Gradients.Elements);
            if (share + 1 < shares)
                tree!.Add(share);
        }

        if (reduction is not null)
            reduction.Complete(isGivenUp);
        else if (!isGivenUp)
            tree?.Complete(0, batches.Graph.Gradients.Elements);
        IsStopping = cancellation.IsCancellationRequested;
        if (communicator is not null)
            isGivenUp = Agree(communicator, isGivenUp);
        return isGivenUp ? null : loss;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        reduction?.Dispose();
        tree?.Dispose();
    }

    /// <summary>Computes one of the process's micro-batches; false where it holds nothing.</summary>
    private bool Add(int step, int micro, bool accumulate)
    {
        var (number, found, part) = (first + micro, 0.0, 0.0);
        var isFilled = batches.TryFill(step, number);
        if (isFilled)
        {
            Rows += batches.Graph.ComputedRows;
            found = batches.Graph.Train(
                new((float)options.Dropout, options.Seed, (uint)step, number), accumulate, (float)options.LabelSmoothing);
            part = batches.ReadPart();
        }

        (loss, Part) = (loss + found, Part + part);
        if (communicator is not null)
            (own[OfEach * micro], own[(OfEach * micro) + 1]) = (found, part);
        return isFilled;
    }

    /// <summary>What all know alike: the loss of all micro-batches in their order, and whether any process gave the step up.</summary>
    private bool Agree(Communicator others, bool isGivenUp)
    {
        (own[^3], own[^2], own[^1]) = (Rows, isGivenUp ? 1 : 0, IsStopping ? 1 : 0);
        others.Exchange(own, all);
        (loss, Part, Rows, IsStopping, isGivenUp) = (0, 0, 0, false, false);
        for (var told = all.AsSpan(); !told.IsEmpty; told = told[own.Length..])
        {
            for (var number = 0; number < own.Length - Beside; number += OfEach)
                (loss, Part) = (loss + told[number], Part + told[number + 1]);
            var beside = told.Slice(own.Length - Beside, Beside);
            Rows += (long)beside[0];
            isGivenUp |= beside[1] != 0;
            IsStopping |= beside[2] != 0;
        }

        return isGivenUp;
    }

    private static void Require(int shares, int ranks)
    {
        if (shares % ranks != 0 || (ranks > 1 && !int.IsPow2(shares / ranks)))
        {
            throw new GptGenException(
                $"TrainingOptions.Shares is {shares}, but {ranks} processes divide only {ranks}, {2L * ranks}, {4L * ranks}… shares: "
                + "give one of these.");
        }
    }
}
