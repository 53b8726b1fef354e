using GptGen.Reference;
using Xunit;

namespace GptGen.Runtime.Tests.Models;

/// <summary>Holds a backward pass to what it says of itself on its way: which layers' gradients it does not touch any more.</summary>
internal static class LayerOrder
{
    /// <summary>Runs the backward pass of a graph whose activations are computed, on the reference device.</summary>
    public static void Backward(TrainingGraph training)
    {
        var parameters = training.Model.Description.Parameters.Where(static parameter => !parameter.IsFrozen).ToList();
        var seen = new List<(int Layer, double[] Gradients)>();
        training.LayerObserver = layer => seen.Add((layer, Read(training)));
        training.Backward(accumulate: false);
        training.LayerObserver = null;
        var final = Read(training);
        var layers = parameters.Select(static parameter => parameter.Layer).OfType<int>().Distinct().OrderDescending();
        Assert.Equal(layers, seen.Select(static call => call.Layer));
        foreach (var (layer, gradients) in seen)
        {
            foreach (var parameter in parameters.Where(parameter => parameter.Layer >= layer))
            {
                var place = (int)parameter.Offset..(int)(parameter.Offset + parameter.Count);
                Assert.True(
                    final.AsSpan(place).SequenceEqual(gradients.AsSpan(place)), $"{parameter.Name} changed after layer {layer} was done.");
            }
        }
    }

    private static double[] Read(TrainingGraph training)
    {
        var gradients = new double[training.Model.Description.TrainedElements];
        ((ReferenceArena)training.Gradients).ReadDouble(0, gradients);
        return gradients;
    }
}
