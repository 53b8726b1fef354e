using GptGen.Distributed;

namespace GptGen.Training;

/// <summary>
/// The loss and the gradients of a step: the process's own shares one after the other, and what all processes must know alike. Allocates nothing on
/// the managed heap after the constructor.
/// </summary>
internal sealed class StepGradients : IDisposable
{
    /// <summary>
    /// Beside the losses of its micro-batches, a process tells its rows, whether it gave the step up and whether it is asked to stop.
    /// </summary>
    private const int Beside = 3;

    private readonly Batches batches;
    private readonly TrainingOptions options;
    private readonly Communicator? communicator;
    private readonly GradientTree? tree;
    private readonly int shares;
    private readonly int microBatches;
    private readonly int first;
    private readonly double[] own = [];
    private readonly double[] all = [];

    /// <summary>Prepares the steps of a run.</summary>
    /// <exception cref="GptGenException">The shares do not fit the batches, or the processes.</exception>
    internal StepGradients(Batches batches, TrainingOptions options, Communicator? communicator)
    {
        (this.batches, this.options, this.communicator) = (batches, options, communicator);
        var (ranks, micros) = (communicator?.Size ?? 1, batches.MicroBatches(options));
        Require(batches, options, ranks, micros);
        shares = options.Shares / ranks;
        microBatches = micros / options.Shares;
        first = (communicator?.Rank ?? 0) * shares * microBatches;
        batches.Graph.ReserveGradients();
        if (shares > 1)
            tree = new(batches.Graph, shares);
        if (communicator is not null)
            (own, all) = (new double[shares * microBatches + Beside], new double[ranks * (shares * microBatches + Beside)]);
    }

    /// <summary>Rows of the last step's batches, those of all processes.</summary>
    internal long Rows { get; private set; }

    /// <summary>Whether any process was asked to stop when the last step was computed.</summary>
    internal bool IsStopping { get; private set; }

    /// <summary>
    /// Computes the gradients of the process's shares, and the loss of all.
    /// </summary>
    /// <returns>The mean loss; null where the step is given up between two micro-batches, of which nothing is left.</returns>
    internal double? Compute(int step, CancellationToken cancellation)
    {
        var (loss, done) = (0.0, 0);
        Rows = 0;
        tree?.Begin();
        for (var share = 0; share < shares; share++)
        {
            for (var micro = 0; micro < microBatches; micro++)
            {
                if (done > 0 && cancellation.IsCancellationRequested)
                    return GiveUp();
                var number = first + done;
                batches.Fill(step, number);
                Rows += batches.Graph.ComputedRows;
                var part = batches.Graph.Train(
                    new((float)options.Dropout, options.Seed, (uint)step, number), accumulate: micro > 0, (float)options.LabelSmoothing);
                loss += part;
                if (communicator is not null)
                    own[done] = part;
                done++;
            }

            tree?.Add(share);
        }

        if (communicator is null)
        {
            IsStopping = cancellation.IsCancellationRequested;
            return loss;
        }

        return Agree(isGivenUp: false, cancellation.IsCancellationRequested);
    }

    /// <inheritdoc/>
    public void Dispose() => tree?.Dispose();

    private double? GiveUp()
    {
        IsStopping = true;
        return communicator is null ? null : Agree(isGivenUp: true, isStopping: true);
    }

    /// <summary>The loss of all micro-batches in their order; null where any process gave the step up.</summary>
    private double? Agree(bool isGivenUp, bool isStopping)
    {
        (own[^3], own[^2], own[^1]) = (Rows, isGivenUp ? 1 : 0, isStopping ? 1 : 0);
        communicator!.Exchange(own, all);
        var (loss, rows, givenUp, stopping) = (0.0, 0.0, false, false);
        for (var rank = 0; rank < communicator.Size; rank++)
        {
            var told = all.AsSpan(rank * own.Length, own.Length);
            for (var micro = 0; micro < told.Length - Beside; micro++)
                loss += told[micro];
            (rows, givenUp, stopping) = (rows + told[^3], givenUp || told[^2] != 0, stopping || told[^1] != 0);
        }

        (Rows, IsStopping) = ((long)rows, stopping);
        return givenUp ? null : loss;
    }

    private static void Require(Batches batches, TrainingOptions options, int ranks, int micros)
    {
        var (graph, each) = (batches.Graph, options.Shares / ranks);
        if (options.Shares == 1 && ranks == 1)
            return;
        if (options.Shares % ranks != 0 || (ranks > 1 && !int.IsPow2(each)))
        {
            throw new GptGenException(
                $"TrainingOptions.Shares is {options.Shares}, but {ranks} processes divide only {ranks}, {2L * ranks}, {4L * ranks}… shares: "
                + "give one of these.");
        }

        if (micros % options.Shares != 0)
        {
            throw new GptGenException(
                $"TrainingOptions.Shares is {options.Shares}, but the {micros} micro-batches of {graph.Model.Description.Name} are not cut "
                + $"smaller: give TrainingOptions.Accumulate {(micros / options.Shares + 1L) * options.Shares}, and a smaller "
                + "TrainingOptions.Batch for the same step.");
        }

        if (ranks > 1 && batches.States.Any())
        {
            throw new GptGenException(
                $"{graph.Model.Description.Name} carries a memory of its texts from step to step, which several processes do not divide yet: "
                + "train it with one.");
        }
    }
}
