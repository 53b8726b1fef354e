namespace GptGen;

/// <summary>An operator that a model's graphs call, and what chooses its kernels: from this a GPU device knows what to compile.</summary>
/// <param name="Operator">The operator's name: a method of <see cref="Device"/>.</param>
/// <param name="Widths">
/// Of each operand in turn: the width of its rows, or the last size of a parameter; 0 where a parameter may be and is not.
/// </param>
public sealed record OperatorUse(string Operator, params int[] Widths)
{
    /// <summary>The activation function, where there is one.</summary>
    public Activation Activation { get; init; }

    /// <summary>The width of a head, where there are heads.</summary>
    public int HeadSize { get; init; }

    /// <summary>What a head's queries see.</summary>
    public AttentionMask Mask { get; init; }
}
