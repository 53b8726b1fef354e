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
}

/// <summary>The learning rate of each step, as nanoGPT and llm.c compute it.</summary>
/// <param name="Kind">How the rate falls.</param>
/// <param name="Maximum">The rate after warm-up.</param>
/// <param name="Minimum">The rate at the end.</param>
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
        var progress = Math.Clamp((step - Warmup) / Math.Max(1.0, Steps - Warmup), 0, 1);
        var share = Kind == ScheduleKind.Cosine ? 0.5 * (1 + Math.Cos(Math.PI * progress)) : 1 - progress;
        return Minimum + (share * (Maximum - Minimum));
    }
}
