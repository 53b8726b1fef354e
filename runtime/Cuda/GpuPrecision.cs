namespace GptGen;

/// <summary>How exactly a GPU computes, chosen when it is opened.</summary>
public enum GpuPrecision
{
    /// <summary>Every number is f32.</summary>
    Float32,

    /// <summary>
    /// Numbers are f32, but matrix products round their factors to TF32 (10 bits of mantissa), which tensor cores multiply many times faster.
    /// </summary>
    TensorFloat32,

    /// <summary>
    /// Weights, activations, their gradients and the cache are bf16 (7 bits of mantissa), half as many bytes, and products add up in f32. Weights'
    /// gradients, the optimiser's moments, statistics and the logits that are sampled from stay f32, and so does what training changes: the weights
    /// are also kept in f32 (<see cref="BufferRole.Master"/>), from which the bf16 ones are rounded.
    /// </summary>
    BFloat16,
}
