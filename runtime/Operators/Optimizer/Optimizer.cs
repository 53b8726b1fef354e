namespace GptGen;

public abstract partial class Device
{
    /// <summary>result[0] = sqrt(sum of squares) of the first <paramref name="count"/> gradients; the same bits whatever the number of threads.</summary>
    public abstract void GradientNorm(Arena gradients, nint count, Statistics result);

    /// <summary>
    /// AdamW (Loshchilov, Hutter 2019) over a whole arena: gradients are first scaled by min(1, clip / (norm + 1e-6)) when clip is above 0;
    /// m = b1 m + (1-b1) g; v = b2 v + (1-b2) g^2; p = p (1 - rate x decay) - rate x (m / (1-b1^t)) / (sqrt(v / (1-b2^t)) + epsilon), where
    /// decay applies to the first <see cref="AdamWStep.Decayed"/> elements only (the matrices).
    /// </summary>
    public abstract void AdamW(Arena parameters, Arena gradients, Arena firstMoments, Arena secondMoments, Statistics norm, in AdamWStep step);
}

/// <summary>One step of AdamW.</summary>
/// <param name="Count">Number of elements.</param>
/// <param name="Decayed">How many of them, from the beginning, decay.</param>
/// <param name="Step">The step's number, from 1.</param>
/// <param name="LearningRate">The learning rate.</param>
/// <param name="Beta1">Decay of the first moment.</param>
/// <param name="Beta2">Decay of the second moment.</param>
/// <param name="Epsilon">Added to the denominator.</param>
/// <param name="WeightDecay">Decoupled weight decay.</param>
/// <param name="Clip">The largest gradient norm; 0 means no clipping.</param>
public readonly record struct AdamWStep(
    nint Count, nint Decayed, int Step, float LearningRate, float Beta1, float Beta2, float Epsilon, float WeightDecay, float Clip);
