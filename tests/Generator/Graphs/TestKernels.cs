using GptGen.Generator.Autodiff;
using GptGen.Generator.Graph;
using GptGen.Generator.Operators;

namespace GptGen.Generator.Tests.Graphs;

/// <summary>A loss for tests: the sum over all elements of x sin(x + index).</summary>
internal sealed class TestLossOperator : Operator
{
    public override Call Forward(Node node) => new("TestLoss", [Of(node.Inputs[0])]);

    public override void Differentiate(Node node, GradientTape tape) =>
        tape.Call("TestLossBackward", Of(node.Inputs[0]), tape.WriteTarget(node.Inputs[0]));
}

/// <summary>Something to begin with: rows of numbers that depend on a parameter.</summary>
internal sealed class TestSourceOperator(Parameter parameter) : Operator
{
    public override Call Forward(Node node) => new("TestSource", [Of(parameter), Of(node.Outputs[0])]);

    public override void Differentiate(Node node, GradientTape tape)
    {
        var (gradient, write) = tape.Target(parameter);
        tape.Call("TestSourceBackward", Of(tape.Upstream(node.Outputs[0])), gradient, write);
    }
}

/// <summary>Plain float64 bodies of the operators that random graphs are made of.</summary>
internal static class TestKernels
{
    private const int Rows = GraphInterpreter.Rows;
    private const double Epsilon = 1e-2;

    /// <summary>The rows that a last layer goes on with: one of them twice, one not.</summary>
    private static readonly int[] s_picked = [2, 0, 0, 3];

    public static void Run(string method, GraphInterpreter.Arguments a)
    {
        switch (method)
        {
            case "TestSource":
                for (var i = 0; i < a[1].Count; i++)
                    a[1].AsSpan()[i] = a[0][i % a[0].Count] * Math.Cos(i);
                break;
            case "TestSourceBackward":
                Write(a[1], a.IsAdded(2), a[0], static i => Math.Cos(i));
                break;
            case "TestLoss":
                for (var i = 0; i < a[0].Count; i++)
                    a.AddLoss(a[0][i] * Math.Sin(a[0][i] + i));
                break;
            case "TestLossBackward":
                for (var i = 0; i < a[0].Count; i++)
                    a[1].AsSpan()[i] = Math.Sin(a[0][i] + i) + (a[0][i] * Math.Cos(a[0][i] + i));
                break;
            case "Gather":
                for (var i = 0; i < a[2].Count; i++)
                    a[2].AsSpan()[i] = a[0][Picked(i, a.Width(0))];
                break;
            case "GatherBackward":
                if (!a.IsAdded(3))
                    a[2].AsSpan().Clear();
                for (var i = 0; i < a[0].Count; i++)
                    a[2].AsSpan()[Picked(i, a.Width(0))] += a[0][i];
                break;
            case "Linear":
                Linear(a[0], a[1], a[2], a[3], a.Width(0), a.Width(3));
                break;
            case "LinearBackwardWeight":
                LinearBackwardWeight(a);
                break;
            case "LinearBackwardInput":
                LinearBackwardInput(a[0], a[1], a[2], a.IsAdded(3), a.Width(0), a.Width(2));
                break;
            case "Activate":
                for (var i = 0; i < a[1].Count; i++)
                    a[2].AsSpan()[i] = Math.Sin(2 * a[1][i]);
                break;
            case "ActivateBackward":
                for (var i = 0; i < a[1].Count; i++)
                    a[3].AsSpan()[i] = a[2][i] * 2 * Math.Cos(2 * a[1][i]);
                break;
            case "LinearActivation":
                Linear(a[0], a[1], a[2], a[4], a.Width(0), a.Width(4));
                for (var i = 0; i < a[4].Count; i++)
                    a[5].AsSpan()[i] = Math.Sin(2 * a[4][i]);
                break;
            case "LinearBackwardActivation":
                LinearBackwardInput(a[0], a[1], a[4], isAdded: false, a.Width(0), a.Width(4));
                for (var i = 0; i < a[4].Count; i++)
                    a[4].AsSpan()[i] *= 2 * Math.Cos(2 * a[3][i]);
                break;
            case "LinearResidual":
                Linear(a[0], a[1], a[2], a[5], a.Width(0), a.Width(5));
                for (var i = 0; i < a[5].Count; i++)
                    a[5].AsSpan()[i] += a[3][i];
                break;
            case "DropoutBackward":
                var copies = a.CopiesBranches;
                if (copies)
                    a[0].CopyTo(a[2]);
                a.Return(copies ? 2 : 0);
                break;
            case "LayerNorm":
                Normalize(a[0], a[1], a[2], a[4], a[5], a[6], a.Width(0));
                break;
            case "LayerNormBackward":
                NormalizeBackward(a);
                break;
            case "Highway":
                for (var i = 0; i < a[1].Count; i++)
                {
                    var (transformed, gate) = Gates(a[0], i, a.Width(1));
                    a[2].AsSpan()[i] = (gate * transformed) + ((1 - gate) * a[1][i]);
                }

                break;
            case "HighwayBackward":
                HighwayBackward(a);
                break;
            case "Accumulate":
                for (var i = 0; i < a[0].Count; i++)
                    a[1].AsSpan()[i] = a.IsAdded(2) ? a[1][i] + a[0][i] : a[0][i];
                break;
            case "Clear":
                a[0].AsSpan().Clear();
                break;
            default:
                throw new InvalidOperationException($"No test kernel is called {method}.");
        }
    }

    private static int Picked(int index, int width) => (s_picked[index / width] * width) + (index % width);

    private static void Write(ArraySegment<double> sums, bool add, ArraySegment<double> from, Func<int, double> factor)
    {
        if (!add)
            sums.AsSpan().Clear();
        for (var i = 0; i < from.Count; i++)
            sums[i % sums.Count] += from[i] * factor(i);
    }

    private static void Linear(
        ArraySegment<double> x, ArraySegment<double> weight, ArraySegment<double> bias, ArraySegment<double> y, int inner, int outer)
    {
        for (var row = 0; row < Rows; row++)
        {
            for (var o = 0; o < outer; o++)
            {
                var sum = bias.Count == 0 ? 0 : bias[o];
                for (var i = 0; i < inner; i++)
                    sum += x[(row * inner) + i] * weight[(o * inner) + i];
                y[(row * outer) + o] = sum;
            }
        }
    }

    private static void LinearBackwardWeight(GraphInterpreter.Arguments a)
    {
        var (x, dy, dWeight, dBias, inner, outer) = (a[0], a[1], a[2], a[3], a.Width(0), a.Width(1));
        if (!a.IsAdded(4))
        {
            dWeight.AsSpan().Clear();
            dBias.AsSpan().Clear();
        }

        for (var row = 0; row < Rows; row++)
        {
            for (var o = 0; o < outer; o++)
            {
                if (dBias.Count > 0)
                    dBias[o] += dy[(row * outer) + o];
                for (var i = 0; i < inner; i++)
                    dWeight[(o * inner) + i] += dy[(row * outer) + o] * x[(row * inner) + i];
            }
        }
    }

    private static void LinearBackwardInput(
        ArraySegment<double> dy, ArraySegment<double> weight, ArraySegment<double> dx, bool isAdded, int outer, int inner)
    {
        if (!isAdded)
            dx.AsSpan().Clear();
        for (var row = 0; row < Rows; row++)
        {
            for (var o = 0; o < outer; o++)
            {
                for (var i = 0; i < inner; i++)
                    dx[(row * inner) + i] += dy[(row * outer) + o] * weight[(o * inner) + i];
            }
        }
    }

    /// <summary>Smooth in place of the operator's relu.</summary>
    private static (double Transformed, double Gate) Gates(ArraySegment<double> both, int element, int width)
    {
        var at = (2 * (element / width) * width) + (element % width);
        return (Math.Sin(2 * both[at]), 1 / (1 + Math.Exp(-both[at + width])));
    }

    private static void HighwayBackward(GraphInterpreter.Arguments a)
    {
        // dx may lie where dy does.
        var (dy, both, x, dBoth, dx, width) = (a[0].ToArray(), a[1], a[2], a[3], a[4], a.Width(0));
        for (var i = 0; i < dy.Length; i++)
        {
            var at = (2 * (i / width) * width) + (i % width);
            var (transformed, gate) = Gates(both, i, width);
            dBoth.AsSpan()[at] = dy[i] * gate * 2 * Math.Cos(2 * both[at]);
            dBoth.AsSpan()[at + width] = dy[i] * (transformed - x[i]) * gate * (1 - gate);
            dx.AsSpan()[i] = (dy[i] * (1 - gate)) + (a.IsAdded(5) ? dx[i] : 0);
        }
    }

    private static void Normalize(
        ArraySegment<double> x, ArraySegment<double> gain, ArraySegment<double> bias, ArraySegment<double> y, ArraySegment<double> means,
        ArraySegment<double> deviations, int width)
    {
        for (var row = 0; row < Rows; row++)
        {
            var line = x.Slice(row * width, width);
            var (mean, square) = (0.0, 0.0);
            foreach (var value in line)
                mean += value / width;
            foreach (var value in line)
                square += (value - mean) * (value - mean) / width;
            (means[row], deviations[row]) = (mean, 1 / Math.Sqrt(square + Epsilon));
            for (var i = 0; i < width; i++)
                y[(row * width) + i] = ((line[i] - mean) * deviations[row] * gain[i]) + (bias.Count == 0 ? 0 : bias[i]);
        }
    }

    private static void NormalizeBackward(GraphInterpreter.Arguments a)
    {
        var (dy, x, gain, means, deviations, dx, dGain, dBias, width) = (a[0], a[1], a[2], a[3], a[4], a[5], a[7], a[8], a.Width(0));
        var isAdded = a.IsAdded(6);
        if (!a.IsAdded(9))
        {
            dGain.AsSpan().Clear();
            dBias.AsSpan().Clear();
        }

        for (var row = 0; row < Rows; row++)
        {
            var normalized = new double[width];
            var upstream = new double[width];
            var (mean, product) = (0.0, 0.0);
            for (var i = 0; i < width; i++)
            {
                var at = (row * width) + i;
                normalized[i] = (x[at] - means[row]) * deviations[row];
                upstream[i] = dy[at] * gain[i];
                dGain[i] += dy[at] * normalized[i];
                if (dBias.Count > 0)
                    dBias[i] += dy[at];
                mean += upstream[i] / width;
                product += upstream[i] * normalized[i] / width;
            }

            for (var i = 0; i < width; i++)
            {
                var at = (row * width) + i;
                var gradient = deviations[row] * (upstream[i] - mean - (normalized[i] * product));
                dx[at] = isAdded ? dx[at] + gradient : gradient;
            }
        }
    }
}
