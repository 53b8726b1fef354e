using System.Runtime.CompilerServices;

namespace GptGen;

public abstract partial class Device
{
    /// <summary>
    /// result[0] = sqrt(sum of squares) of the first <paramref name="count"/> gradients; the same bits whatever the number of threads.
    /// </summary>
    /// <exception cref="ArgumentException">The arena is smaller, or of another device.</exception>
    public void GradientNorm(Arena gradients, nint count, Statistics result)
    {
        using var call = Begin();
        Numbers(gradients, count);
        Need(result, 1);
        GradientNorm(gradients.At(0), count, result.Start);
    }

    /// <summary>
    /// AdamW (Loshchilov, Hutter 2019) over a whole arena: gradients are first scaled by min(1, clip / (norm + 1e-6)) when clip is above 0;
    /// with t = step + 1: m = b1 m + (1-b1) g; v = b2 v + (1-b2) g^2; p = p (1 - rate x decay) - rate x (m / (1-b1^t)) / (sqrt(v / (1-b2^t)) +
    /// epsilon), where decay applies to the first <see cref="AdamWStep.Decayed"/> elements only (the matrices).
    /// </summary>
    /// <exception cref="ArgumentException">
    /// An arena is smaller than the step's count or of another device, or a number of the step is out of range.
    /// </exception>
    public void AdamW(Arena parameters, Arena gradients, Arena firstMoments, Arena secondMoments, Statistics norm, in AdamWStep step) =>
        AdamW(parameters, gradients, 0, firstMoments, secondMoments, 0, norm, step);

    /// <summary>
    /// The same over a range of parameters and gradients that begins at <paramref name="first"/>, whose moments begin at
    /// <paramref name="firstMoment"/>; the step counts from there.
    /// </summary>
    internal void AdamW(
        Arena parameters, Arena gradients, nint first, Arena firstMoments, Arena secondMoments, nint firstMoment, Statistics norm, in AdamWStep step)
    {
        using var call = Begin();
        step.Validate();
        Numbers(parameters, first + step.Count);
        Numbers(gradients, first + step.Count);
        Numbers(firstMoments, firstMoment + step.Count);
        Numbers(secondMoments, firstMoment + step.Count);
        if (step.Clip > 0 || !norm.IsNone)
            Need(norm, 1);
        AdamW(
            parameters.At(first), gradients.At(first), firstMoments.At(firstMoment), secondMoments.At(firstMoment), norm.Start, step);
    }

    /// <summary>
    /// Sums of squares of a range of gradients, in double precision and in an order that repeats itself: on the CPU one for each block of
    /// <see cref="Distributed.Partition.Block"/>, of which <paramref name="first"/> begins one; on a GPU one of all.
    /// </summary>
    internal virtual void SquareSums(Arena gradients, nint first, nint count, Span<double> sums) =>
        throw new NotSupportedException($"The device {Name} is none of several processes'.");

    /// <summary>The untyped core of <c>GradientNorm</c>.</summary>
    protected abstract void GradientNorm(Location gradients, nint count, Location result);

    /// <summary>The untyped core of <c>AdamW</c>; there is a norm where the step clips.</summary>
    protected abstract void AdamW(
        Location parameters, Location gradients, Location firstMoments, Location secondMoments, Location norm, in AdamWStep step);

    private void Numbers(Arena arena, nint count, [CallerArgumentExpression(nameof(arena))] string name = "")
    {
        ArgumentNullException.ThrowIfNull(arena, name);
        Numbers(arena.At(0), count, name);
    }
}

/// <summary>One step of AdamW.</summary>
/// <param name="Count">Number of elements.</param>
/// <param name="Decayed">How many of them, from the beginning, decay.</param>
/// <param name="Step">Steps done before: the first has 0. Bias corrections take it as t - 1.</param>
/// <param name="LearningRate">The learning rate.</param>
/// <param name="Beta1">Decay of the first moment.</param>
/// <param name="Beta2">Decay of the second moment.</param>
/// <param name="Epsilon">Added to the denominator.</param>
/// <param name="WeightDecay">Decoupled weight decay.</param>
/// <param name="Clip">The largest gradient norm; 0 means no clipping.</param>
public readonly record struct AdamWStep(
    nint Count, nint Decayed, int Step, float LearningRate, float Beta1, float Beta2, float Epsilon, float WeightDecay, float Clip)
{
    /// <summary>What the first moment is divided by, 1 - b1^t.</summary>
    internal double FirstCorrection => 1 - Math.Pow(Beta1, Step + 1.0);

    /// <summary>What the second moment is divided by, 1 - b2^t.</summary>
    internal double SecondCorrection => 1 - Math.Pow(Beta2, Step + 1.0);

    /// <summary>Refuses numbers that would make weights no numbers.</summary>
    internal void Validate()
    {
        Require(Count >= 0, nameof(Count), Count);
        Require(Decayed >= 0 && Decayed <= Count, nameof(Decayed), Decayed);
        Require(Step >= 0, nameof(Step), Step);
        Require(float.IsFinite(LearningRate), nameof(LearningRate), LearningRate);
        Require(Beta1 is >= 0 and < 1, nameof(Beta1), Beta1);
        Require(Beta2 is >= 0 and < 1, nameof(Beta2), Beta2);
        Require(Epsilon is >= 0 and < float.PositiveInfinity, nameof(Epsilon), Epsilon);
        Require(float.IsFinite(WeightDecay), nameof(WeightDecay), WeightDecay);
        Require(Clip >= 0, nameof(Clip), Clip);
    }

    private static void Require<T>(bool holds, string name, T value)
    {
        if (!holds)
            throw new ArgumentOutOfRangeException(name, value, $"A step of AdamW cannot have {name} = {value}.");
    }
}
