namespace GptGen;

/// <summary>Activation functions of the MLP.</summary>
public enum Activation
{
    /// <summary>
    /// 0.5 x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))), Hendrycks and Gimpel's approximation, used by GPT-1 and GPT-2 ("gelu_new").
    /// </summary>
    GeluTanh,

    /// <summary>x Phi(x) with the exact normal distribution function: 0.5 x (1 + erf(x / sqrt 2)).</summary>
    GeluErf,

    /// <summary>max(x, 0).</summary>
    Relu,

    /// <summary>The hyperbolic tangent.</summary>
    Tanh,

    /// <summary>
    /// x / (1 + e^-x), x times its sigmoid, "swish" with factor 1 (Ramachandran, Zoph and Le, "Searching for activation functions", 2017).
    /// </summary>
    Silu,
}
