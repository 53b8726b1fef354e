using GptGen.Generator.Graph;

namespace GptGen.Generator.Memory;

/// <summary>Where a parameter lies in its arena: at <paramref name="Offset"/> + layer x <paramref name="PerLayer"/>.</summary>
internal sealed record ParameterPlace(long Offset, long PerLayer);

/// <summary>
/// The layout of the parameter arena, which gradients and moments share as far as parameters train: all matrices first, so that the elements that
/// weight decay acts on are one range, then all vectors, and behind them what is frozen; in each part the model's own first, then layer after layer.
/// </summary>
internal sealed class ParameterPlan
{
    /// <summary>Every parameter begins on a 64-byte boundary, in f32.</summary>
    private const int Alignment = 16;

    private readonly Dictionary<Parameter, ParameterPlace> places = [];

    public ParameterPlan(ModelGraph graph)
    {
        Decayed = Place(graph, static parameter => parameter is { IsFrozen: false, IsMatrix: true }, 0);
        Trained = Place(graph, static parameter => parameter is { IsFrozen: false, IsMatrix: false }, Decayed);
        Elements = Place(graph, static parameter => parameter.IsFrozen, Trained);
        Count = graph.Parameters.Where(parameter => !parameter.IsFrozen).Sum(parameter => parameter.Count * (parameter.Loop?.Layers ?? 1));
    }

    /// <summary>Elements of the arena.</summary>
    public long Elements { get; }

    /// <summary>Elements of the part that trains: those of gradients and of each moment.</summary>
    public long Trained { get; }

    /// <summary>Elements of the trained matrices' part.</summary>
    public long Decayed { get; }

    /// <summary>Number of parameters that train, padding not counted.</summary>
    public long Count { get; }

    public ParameterPlace this[Parameter parameter] => parameter.Within is var (whole, firstRow)
        ? new(this[whole].Offset + (firstRow * (long)(parameter.Columns?.Stored ?? 1)), this[whole].PerLayer)
        : places[parameter];

    private long Place(ModelGraph graph, Func<Parameter, bool> isHere, long offset)
    {
        var parameters = graph.Parameters.Where(isHere).ToArray();
        foreach (var parameter in parameters.Where(parameter => parameter.Loop is null))
        {
            places[parameter] = new(offset, 0);
            offset += Aligned(parameter);
        }

        foreach (var layer in parameters.Where(parameter => parameter.Loop is not null).GroupBy(parameter => parameter.Loop!))
        {
            var perLayer = layer.Sum(Aligned);
            var inLayer = offset;
            foreach (var parameter in layer)
            {
                places[parameter] = new(inLayer, perLayer);
                inLayer += Aligned(parameter);
            }

            offset += perLayer * layer.Key.Layers;
        }

        return offset;
    }

    private static long Aligned(Parameter parameter) => (parameter.Stored + Alignment - 1) / Alignment * Alignment;
}
