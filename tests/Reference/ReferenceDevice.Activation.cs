namespace GptGen.Reference;

public sealed partial class ReferenceDevice
{
    private const double CubicCoefficient = 0.044715;
    private static readonly double TanhScale = Math.Sqrt(2 / Math.PI);

    /// <inheritdoc/>
    protected override void Activate(Activation activation, Location x, Location y, nint count)
    {
        var input = Numbers(x, count);
        var output = Numbers(y, count);
        for (var i = 0; i < input.Length; i++)
            output[i] = Value(activation, input[i]);
    }

    /// <inheritdoc/>
    protected override void ActivateBackward(Activation activation, Location x, Location dy, Location dx, nint count)
    {
        var input = Numbers(x, count);
        var outputGradient = Numbers(dy, count);
        var inputGradient = Numbers(dx, count);
        for (var i = 0; i < input.Length; i++)
            inputGradient[i] = outputGradient[i] * Derivative(activation, input[i]);
    }

    private static double Value(Activation activation, double x) => activation switch
    {
        Activation.GeluTanh => 0.5 * x * (1 + Math.Tanh(TanhScale * (x + CubicCoefficient * x * x * x))),
        Activation.GeluErf => 0.5 * x * (1 + Erf(x / Math.Sqrt(2))),
        Activation.Relu => Math.Max(x, 0),
        Activation.Tanh => Math.Tanh(x),
        Activation.Silu => x / (1 + Math.Exp(-x)),
        _ => throw new ArgumentOutOfRangeException(nameof(activation)),
    };

    private static double Derivative(Activation activation, double x)
    {
        switch (activation)
        {
            case Activation.GeluTanh:
                var tanh = Math.Tanh(TanhScale * (x + CubicCoefficient * x * x * x));
                return 0.5 * (1 + tanh) + 0.5 * x * (1 - tanh * tanh) * TanhScale * (1 + 3 * CubicCoefficient * x * x);
            case Activation.GeluErf:
                return 0.5 * (1 + Erf(x / Math.Sqrt(2))) + x * Math.Exp(-x * x / 2) / Math.Sqrt(2 * Math.PI);
            case Activation.Relu:
                return x > 0 ? 1 : 0;
            case Activation.Tanh:
                return 1 / (Math.Cosh(x) * Math.Cosh(x));
            case Activation.Silu:
                var share = 1 / (1 + Math.Exp(-x));
                return share * (1 + x * (1 - share));
            default:
                throw new ArgumentOutOfRangeException(nameof(activation));
        }
    }

    /// <summary>
    /// The error function, by 2 / sqrt(pi) exp(-x^2) times the sum over n of 2^n x^(2n+1) / (1 3 5 ... (2n+1))
    /// (Abramowitz and Stegun 7.1.6), whose terms all have one sign, so that nothing cancels.
    /// </summary>
    private static double Erf(double x)
    {
        // The distance from 1 is less than half a unit in the last place beyond this.
        if (Math.Abs(x) > 6)
            return Math.Sign(x);
        var term = x;
        var sum = x;
        for (var n = 1; Math.Abs(term) > Math.Abs(sum) * 1e-17; n++)
        {
            term *= 2 * x * x / (2 * n + 1);
            sum += term;
        }

        return 2 / Math.Sqrt(Math.PI) * Math.Exp(-x * x) * sum;
    }
}
