namespace GptGen;

/// <summary>Where a Transformer block normalises.</summary>
public enum LayerNormPlacement
{
    /// <summary>x + f(LN(x)) with a LayerNorm after the last block, as GPT-2.</summary>
    Before,

    /// <summary>LN(x + f(x)) without a final LayerNorm, as GPT-1 and the original Transformer.</summary>
    After,
}
