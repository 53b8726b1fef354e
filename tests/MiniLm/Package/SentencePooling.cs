using System.Numerics.Tensors;

namespace GptGen.MiniLm;

/// <summary>How the model's states of a sentence become its embedding.</summary>
internal static class SentencePooling
{
    /// <summary>Numbers of a state and of an embedding.</summary>
    public const int Width = 384;

    /// <summary>The mean of states, scaled to length 1: dividing their sum by their number first would change nothing.</summary>
    /// <param name="states">The states of a sentence's tokens, marks included, [tokens, width].</param>
    public static float[] Pool(ReadOnlySpan<float> states)
    {
        var sum = new float[Width];
        for (; !states.IsEmpty; states = states[Width..])
            TensorPrimitives.Add(sum, states[..Width], sum);
        TensorPrimitives.Divide(sum, TensorPrimitives.Norm(sum), sum);
        return sum;
    }
}
