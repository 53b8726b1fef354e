using GptGen.Reference;
using Xunit;

namespace GptGen.Runtime.Tests.Models;

/// <summary>Holds the gradients of a whole model on the reference device to central differences in f64.</summary>
internal static class CentralDifferences
{
    private const int Samples = 12;
    private const double Step = 1e-5;

    /// <summary>Some elements of each trained parameter's gradient, of a graph whose batch is set.</summary>
    /// <param name="training">The graph.</param>
    /// <param name="loss">The loss of what the graph's last pass computed, in f64.</param>
    /// <param name="isOfBackward">Whether the loss is the one that the gradients come with, and not the one that evaluates.</param>
    public static void Check(TrainingGraph training, Func<double> loss, bool isOfBackward = false)
    {
        training.Forward();
        LayerOrder.Backward(training);
        var parameters = (ReferenceArena)training.Model.Parameters;
        // Before other passes write others.
        var gradients = new double[training.Model.Description.TrainedElements];
        ((ReferenceArena)training.Gradients).ReadDouble(0, gradients);
        var random = new Random(11);
        foreach (var parameter in training.Model.Description.Parameters.Where(static parameter => !parameter.IsFrozen))
        {
            var analytic = gradients.AsSpan((int)parameter.Offset, (int)parameter.Count).ToArray();
            // A gradient that should vanish, as a key bias's, is held to its parameter's largest.
            var scale = analytic.Max(Math.Abs);
            Assert.True(scale > 0, $"{parameter.Name} has no gradient.");
            for (var sample = 0; sample < Samples; sample++)
            {
                var element = random.Next(analytic.Length);
                var numeric = Difference(training, parameters, parameter.Offset + element, loss, isOfBackward);
                Assert.True(
                    Math.Abs(numeric - analytic[element]) <= 1e-6 * scale,
                    $"{parameter.Name}[{element}]: {analytic[element]:R}, but central differences say {numeric:R} (largest {scale:E2}).");
            }
        }
    }

    /// <summary>The weighted sum of losses, in f64, which ReadLoss is not.</summary>
    public static double Sum(TrainingGraph training, string losses, IReadOnlyList<float> weights)
    {
        var values = new double[weights.Count];
        var start = training.StatisticsOf(losses, values.Length).Start;
        ((ReferenceArena)start.Arena).ReadDouble(start.Offset, values);
        return values.Zip(weights, static (loss, weight) => loss * weight).Sum();
    }

    private static double Difference(TrainingGraph training, ReferenceArena parameters, nint element, Func<double> loss, bool isOfBackward)
    {
        var value = new double[1];
        parameters.ReadDouble(element, value);
        var difference = (LossAt(value[0] + Step) - LossAt(value[0] - Step)) / (2 * Step);
        parameters.WriteDouble(element, value);
        return difference;

        double LossAt(double moved)
        {
            parameters.WriteDouble(element, [moved]);
            training.Forward();
            if (isOfBackward)
                training.Backward(accumulate: false);
            else
                training.Loss();
            return loss();
        }
    }
}
