namespace GptGen;

/// <summary>
/// Which activations of a block a training step computes anew in its backward pass, in place of keeping them for every block: less memory for a
/// little time and, in f32, the same gradients to the bit. No product is computed twice.
/// </summary>
public enum Recomputation
{
    /// <summary>Everything is kept that the backward pass reads.</summary>
    None,

    /// <summary>What the MLP's activation function gives: with the usual hidden layer a quarter of what a block keeps.</summary>
    Activations,

    /// <summary>What LayerNorms give besides: a good third.</summary>
    ActivationsAndLayerNorms,
}
