namespace GptGen.Tensors;

/// <summary>
/// What a buffer is for. Views carry no element type: a device maps each role to one (the CPU keeps every role but
/// <see cref="Token"/> as f32; a GPU may keep activations as bf16, see <see cref="GpuPrecision"/>).
/// </summary>
public enum BufferRole
{
    /// <summary>Weights.</summary>
    Parameter,

    /// <summary>Gradients of the weights.</summary>
    Gradient,

    /// <summary>First and second moments of the optimiser.</summary>
    Moment,

    /// <summary>Activations and their gradients.</summary>
    Activation,

    /// <summary>Means, reciprocal deviations, log-sum-exps, losses, loss weights: always at least f32.</summary>
    Statistic,

    /// <summary>32-bit integers: token ids, targets, positions, lengths.</summary>
    Token,

    /// <summary>Keys and values of earlier tokens.</summary>
    Cache,

    /// <summary>Logits of one chunk of rows in training, and then their gradients.</summary>
    Workspace,

    /// <summary>Logits that tokens are drawn from: always at least f32.</summary>
    Logit,

    /// <summary>
    /// Weights as training changes them, always f32, where a device keeps <see cref="Parameter"/> in a smaller type. Each of those is the nearest
    /// number of its type, of two equally near ones the even one.
    /// </summary>
    Master,
}
