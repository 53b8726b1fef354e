namespace GptGen.Tensors;

/// <summary>
/// Whether a gradient is written or added. The generator decides which use of a value comes first; nothing is zeroed that is written anyway.
/// </summary>
public enum GradientWrite
{
    /// <summary>Overwrite what was there.</summary>
    Write,

    /// <summary>Add to what is there.</summary>
    Add,
}
