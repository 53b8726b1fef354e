using GptGen.Checkpoints;
using GptGen.Distributed;

namespace GptGen.Training;

/// <content>What a run writes and continues from. Of several processes the first one reads and writes, and the others give and take.</content>
public sealed partial class Trainer
{
    /// <summary>
    /// Continues from a checkpoint or the newest one of a run's folder. Checkpoints of later steps in this run's folder belong to a course that
    /// is given up: they are set aside under another name, so that they never count as the newest again.
    /// </summary>
    /// <param name="path">The checkpoint or the folder; of several processes only the first one needs it.</param>
    /// <param name="note">Told where the sums of gradients will be rounded in another order than before.</param>
    /// <returns>The new names of the checkpoints set aside.</returns>
    /// <exception cref="GptGenException">
    /// There is none, it is damaged, of another model or seed, has more steps than the options say, or the folder is in use.
    /// </exception>
    public IReadOnlyList<string> Resume(string path, Action<string>? note = null)
    {
        if (communicator is null)
            return Restore(path, note);
        IReadOnlyList<string> aside = [];
        if (communicator.IsFirst)
            aside = Restore(path, note);
        else
            Take(communicator);
        hasSharedWeights = false;
        ShareWeights();
        ShareState(communicator);
        return aside;
    }

    /// <summary>Writes a checkpoint now.</summary>
    /// <returns>Its path.</returns>
    /// <exception cref="GptGenException">It cannot be written, the folder is in use, or a weight or a moment is no number.</exception>
    public string Save()
    {
        if (IsWriter)
        {
            claim ??= FolderClaim.Take(folder, "training");
            TrainingCheckpoint.Save(
                folder, batches.Graph.Model, Gathered(optimizer.FirstMoments), Gathered(optimizer.SecondMoments), State, options.Keep, LastGood,
                batches.States);
        }
        else
        {
            Give(communicator!);
        }

        communicator?.AwaitFirst();
        savedSteps = StepsDone;
        return LastCheckpoint = TrainingCheckpoint.PathOf(folder, StepsDone);
    }

    private string BestPath => Path.Combine(folder, TrainingCheckpoint.BestName);

    /// <summary>Whether this process writes files: the first of several.</summary>
    private bool IsWriter => communicator.IsFirstOrAlone();

    private TrainingState State => new()
    {
        Step = StepsDone, Seed = options.Seed, DataPosition = StepsDone, Options = optionsText, BestLoss = BestLoss, BestStep = BestStep,
        Unevaluated = unevaluated, Shares = options.Shares,
    };

    private IReadOnlyList<string> Restore(string path, Action<string>? note)
    {
        path = TrainingCheckpoint.Resolve(path);
        claim ??= FolderClaim.Take(folder, "training");
        var state = TrainingCheckpoint.Load(
            path, batches.Graph.Model, Scattered(optimizer.FirstMoments), Scattered(optimizer.SecondMoments), batches.Restore);
        if (state.Seed != options.Seed)
        {
            throw new GptGenException(
                $"'{path}' was made with TrainingOptions.Seed {state.Seed}, not {options.Seed}: give the same seed to continue it.");
        }

        if (state.Step > options.Steps)
        {
            throw new GptGenException(
                $"'{path}' has {state.Step} steps behind it, but TrainingOptions.Steps is {options.Steps}: give a number of steps for the whole "
                + "run.");
        }

        if (state.Shares != options.Shares)
        {
            note?.Invoke(
                $"the run's gradients were summed up from {state.Shares} {(state.Shares == 1 ? "share" : "shares")}, and from here on from "
                + $"{options.Shares}: rounded in another order, it is no more bit for bit the run that it was");
        }

        StepsDone = (int)state.Step;
        savedSteps = StepsDone;
        (BestLoss, BestStep) = (state.BestLoss, state.BestStep);
        unevaluated = state.Unevaluated;
        LastCheckpoint = path;
        var aside = TrainingCheckpoint.SetAsideAfter(folder, state.Step);
        // What the newest checkpoint holds is not kept twice, or was not yet written, but that checkpoint will not stay.
        if (BestStep == StepsDone && BestLoss < double.PositiveInfinity
            && !(File.Exists(BestPath) && TrainingCheckpoint.ReadState(BestPath).Step == BestStep))
        {
            WriteBest();
        }

        return aside;
    }

    /// <summary>The weights of the lowest validation loss, which the newest checkpoint will not hold any more.</summary>
    private void SaveBest()
    {
        if (IsWriter)
            WriteBest();
        communicator?.AwaitFirst();
    }

    private void WriteBest()
    {
        claim ??= FolderClaim.Take(folder, "training");
        TrainingCheckpoint.SaveBest(folder, batches.Graph.Model, State, LastGood);
    }

    private void DeleteBest()
    {
        if (IsWriter)
            AtomicFile.TryDelete(BestPath);
    }

    /// <summary>
    /// The newest checkpoint that a run goes on from. One of the step just done holds numbers, but has led to what is none: only a state from which a
    /// step has succeeded counts, and the other is set aside.
    /// </summary>
    private string LastGood()
    {
        if (!IsWriter)
            return "the first process tells of the checkpoints.";
        if (LastCheckpoint is null)
            return "no checkpoint was written yet.";
        if (TrainingCheckpoint.StepOf(Path.GetFileName(LastCheckpoint.AsSpan())) is not { } step || step < StepsDone)
            return $"the last good checkpoint is '{LastCheckpoint}'.";
        if (TrainingCheckpoint.FindSoundBefore(LastCheckpoint) is not { } good)
            return $"there is no good checkpoint: '{LastCheckpoint}' leads here.";
        var aside = TrainingCheckpoint.SetAsideAfter(folder, step - 1);
        return "the last good checkpoint is "
            + $"'{good}'{(aside is [var path, ..] ? $", as the one after it leads here and is set aside as '{Path.GetFileName(path)}'" : "")}.";
    }

    /// <summary>The moments of the whole model, which for several processes come together in the gradients' memory, free between two steps.</summary>
    private MomentPlace Gathered(Arena moments) => communicator is null ? new(moments) : new(batches.Graph.Gradients, () =>
    {
        communicator.AwaitFirst();
        optimizer.Gather(moments, batches.Graph.Gradients);
    });

    /// <summary>Gives the first process what it writes, in the order of the file.</summary>
    private void Give(Communicator others)
    {
        foreach (var moments in (Arena[])[optimizer.FirstMoments, optimizer.SecondMoments])
        {
            others.AwaitFirst();
            optimizer.Gather(moments, batches.Graph.Gradients);
        }

        batches.Carried?.Give();
    }

    private MomentPlace Scattered(Arena moments) => communicator is null ? new(moments) : new(batches.Graph.Gradients, () =>
    {
        communicator.AwaitFirst();
        optimizer.Scatter(batches.Graph.Gradients, moments);
    });

    /// <summary>Takes from the first process what it reads, in its order.</summary>
    private void Take(Communicator others)
    {
        batches.Carried?.Take();
        foreach (var moments in (Arena[])[optimizer.FirstMoments, optimizer.SecondMoments])
        {
            others.AwaitFirst();
            optimizer.Scatter(batches.Graph.Gradients, moments);
        }
    }

    /// <summary>Tells all processes where the run stands, which the first one has read.</summary>
    private void ShareState(Communicator others)
    {
        var step = unevaluated ?? default;
        double[] own =
        [
            StepsDone, BestLoss, BestStep, unevaluated is null ? 0 : 1, step.Step, step.Loss, step.GradientNorm, step.LearningRate, step.Seconds,
        ];
        var all = new double[own.Length * others.Size];
        others.AwaitFirst();
        others.Exchange(own, all);
        (StepsDone, BestLoss, BestStep) = ((int)all[0], all[1], (long)all[2]);
        unevaluated = all[3] == 0 ? null : new((int)all[4], all[5], all[6], all[7], all[8], null);
        savedSteps = StepsDone;
        LastCheckpoint ??= TrainingCheckpoint.PathOf(folder, StepsDone);
    }
}
