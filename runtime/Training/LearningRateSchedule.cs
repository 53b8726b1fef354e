namespace GptGen.Training;

/// <summary>How the learning rate falls after warm-up.</summary>
public enum ScheduleKind
{
    /// <summary>Half a cosine from the learning rate to the minimum.</summary>
    Cosine,

    /// <summary>A straight line from the learning rate to the minimum.</summary>
    Linear,

    /// <summary>No fall.</summary>
    Constant,

    /// <summary>
    /// As one over the square root of the step, down to the minimum: the schedule of Vaswani et al. 2017, width^-0.5 min(n^-0.5, n w^-1.5) in its
    /// step n from 1, with w = warm-up + 1 and its highest rate, (width w)^-0.5, given as the maximum.
    /// </summary>
    InverseSquareRoot,
}

/// <summary>The learning rate of each step, as nanoGPT and llm.c compute it.</summary>
/// <param name="Kind">How the rate falls.</param>
/// <param name="Maximum">The rate after warm-up.</param>
/// <param name="Minimum">The rate at the end; of <see cref="ScheduleKind.InverseSquareRoot"/> the lowest after warm-up.</param>
/// <param name="Warmup">Steps of linear rise; step s of them has rate maximum x (s + 1) / (warm-up + 1).</param>
/// <param name="Steps">Steps of the whole run.</param>
public readonly record struct LearningRateSchedule(ScheduleKind Kind, double Maximum, double Minimum, int Warmup, int Steps)
{
    /// <summary>The rate of step <paramref name="step"/>, counted from 0.</summary>
    public double At(int step)
    {
        if (step < Warmup)
            return Maximum * (step + 1) / (Warmup + 1.0);
        if (Kind == ScheduleKind.Constant)
            return Maximum;
        if (Kind == ScheduleKind.InverseSquareRoot)
            return Math.Max(Minimum, Maximum * Math.Sqrt((Warmup + 1.0) / (step + 1.0)));
        var progress = Math.Clamp((step - Warmup) / Math.Max(1.0, Steps - Warmup), 0, 1);
        var share = Kind == ScheduleKind.Cosine ? 0.5 * (1 + Math.Cos(Math.PI * progress)) : 1 - progress;
        return Minimum + (share * (Maximum - Minimum));
    }
}
