namespace GptGen.Tensors;

/// <summary>
/// What a buffer is for. Views carry no element type: a device maps each role to one (the CPU keeps every role but
/// <see cref="Token"/> as f32; a GPU may keep activations as bf16 and statistics as f32).
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

    /// <summary>Logits of one chunk of rows.</summary>
    Workspace,
}
