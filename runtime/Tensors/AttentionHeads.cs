namespace GptGen;

/// <summary>Which positions a query may look at.</summary>
public enum AttentionMask
{
    /// <summary>Itself and earlier ones (a decoder).</summary>
    Causal,

    /// <summary>Every one of its sequence (an encoder).</summary>
    Full,
}

/// <summary>How a width is split into attention heads.</summary>
/// <typeparam name="TWidth">The width: heads x head size.</typeparam>
public readonly struct AttentionHeads<TWidth>(int count, AttentionMask mask)
    where TWidth : struct, IDimension
{
    /// <summary>Number of heads; divides the width.</summary>
    public int Count => count;

    /// <summary>Width of one head.</summary>
    public int Size => TWidth.Size / count;

    /// <summary>Which positions a query may look at.</summary>
    public AttentionMask Mask => mask;
}
