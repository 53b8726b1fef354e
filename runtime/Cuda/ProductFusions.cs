using GptGen.Files;

namespace GptGen.Cuda;

/// <summary>What cuBLASLt does within products; what is not named is a kernel of our own behind the product.</summary>
[Flags]
internal enum ProductFusions
{
    None = 0,

    /// <summary>Adds a bias.</summary>
    Bias = 1,

    /// <summary>Adds the residual stream.</summary>
    Residual = 2,

    /// <summary>Applies the activation function behind a layer.</summary>
    Activation = 4,

    /// <summary>Goes back through the activation function in front of a layer.</summary>
    ActivationGradient = 8,

    /// <summary>Sums a bias's gradient in the product of the weight's.</summary>
    BiasGradient = 16,

    All = Bias | Residual | Activation | ActivationGradient | BiasGradient,
}

/// <summary>What the user asks for.</summary>
internal static class AskedFusions
{
    /// <summary>Names them, with commas; without it there are those of <see cref="Measured"/>.</summary>
    public const string Variable = "GPTGEN_CUDA_FUSED";

    /// <summary>Those that were measured to be faster than a kernel of our own (<c>docs/cuda.md</c>).</summary>
    public static ProductFusions Measured(GpuPrecision precision) => precision == GpuPrecision.BFloat16
        ? ProductFusions.Bias | ProductFusions.Residual | ProductFusions.Activation | ProductFusions.ActivationGradient
        : ProductFusions.Bias | ProductFusions.Residual;

    private static readonly (string Name, ProductFusions Fusion)[] s_names =
    [
        ("none", ProductFusions.None), ("all", ProductFusions.All), ("bias", ProductFusions.Bias), ("residual", ProductFusions.Residual),
        ("activation", ProductFusions.Activation), ("activation-gradient", ProductFusions.ActivationGradient),
        ("bias-gradient", ProductFusions.BiasGradient),
    ];

    /// <summary>Those of the environment, for a device of some precision.</summary>
    /// <exception cref="GptGenException">A name is unknown.</exception>
    public static ProductFusions Read(GpuPrecision precision) => Parse(Environment.GetEnvironmentVariable(Variable), precision);

    /// <summary>Reads names with commas between them.</summary>
    /// <exception cref="GptGenException">A name is unknown.</exception>
    public static ProductFusions Parse(string? text, GpuPrecision precision) => string.IsNullOrEmpty(text)
        ? Measured(precision)
        : text.Split(',', StringSplitOptions.TrimEntries).Aggregate(ProductFusions.None, static (sum, name) => sum | Find(name));

    private static ProductFusions Find(string name)
    {
        foreach (var known in s_names)
        {
            if (known.Name == name)
                return known.Fusion;
        }

        throw new GptGenException(
            $"{Variable} has '{MessageText.Shorten(name)}': take some of {string.Join(", ", s_names.Select(static known => known.Name))}.");
    }
}
