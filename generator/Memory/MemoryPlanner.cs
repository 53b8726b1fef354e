using GptGen.Generator.Graph;

namespace GptGen.Generator.Memory;

/// <summary>
/// Gives every value its place: kept values first, one instance a layer; then short-lived ones, which share memory when their lives do
/// not meet.
/// </summary>
internal static class MemoryPlanner
{
    /// <param name="graph">The graph.</param>
    /// <param name="sections">Its calls, forward and backward, in order.</param>
    /// <param name="kept">Values of the forward pass that the backward pass reads.</param>
    public static MemoryPlan Run(ModelGraph graph, IReadOnlyList<Section> sections, ISet<Value> kept)
    {
        var spans = Liveness.Of(sections);
        var places = new Dictionary<Value, Storage>();
        var values = spans.Keys.Where(value => value.Extent != Extent.LogitRow).ToArray();

        var statisticRows = Place(graph, values.Where(value => value.Kind == ValueKind.Statistics), spans, kept, places);
        var valueRows = Place(graph, values.Where(value => value.Kind == ValueKind.Rows && value.Extent == Extent.Row), spans, kept, places);

        // Values of one a sequence lie behind all that have one a row, widest first, so that odd widths leave the others aligned.
        long valueSequences = 0;
        foreach (var value in values.Where(value => value.Extent is Extent.Sequence or Extent.Pooled).OrderByDescending(value => value.PerExtent))
        {
            places[value] = new(valueRows, valueSequences, 0, 1);
            valueSequences += value.PerExtent;
        }

        return new(places, valueRows, valueSequences, statisticRows);
    }

    private static long Place(
        ModelGraph graph, IEnumerable<Value> values, IReadOnlyDictionary<Value, (int First, int Last)> spans, ISet<Value> kept, Dictionary<Value, Storage> places)
    {
        long end = 0;
        var all = values.ToArray();
        foreach (var value in all.Where(value => value.IsCarried))
        {
            var instances = kept.Contains(value) ? graph.Layers + 1 : 2;
            places[value] = new(end, 0, value.PerExtent, instances);
            end += (long)value.PerExtent * instances;
        }

        // Values of the layers that are kept lie side by side, layer after layer.
        var layerValues = all.Where(value => value.InLayer && kept.Contains(value)).ToArray();
        var stride = layerValues.Sum(value => (long)value.PerExtent);
        long offset = end;
        foreach (var value in layerValues)
        {
            places[value] = new(offset, 0, stride, graph.Layers);
            offset += value.PerExtent;
        }

        end += stride * graph.Layers;
        foreach (var value in all.Where(value => !value.InLayer && !value.IsCarried && kept.Contains(value)))
        {
            places[value] = new(end, 0, 0, 1);
            end += value.PerExtent;
        }

        return PackShortLived(all.Where(value => !places.ContainsKey(value)), spans, places, end);
    }

    /// <summary>First fit, largest first: near optimal for the few values that a layer has.</summary>
    private static long PackShortLived(
        IEnumerable<Value> values, IReadOnlyDictionary<Value, (int First, int Last)> spans, Dictionary<Value, Storage> places, long begin)
    {
        var placed = new List<(Value Value, long Begin)>();
        var end = begin;
        foreach (var value in values.OrderByDescending(value => value.PerExtent).ThenBy(value => spans[value].First).ThenBy(value => value.Name, StringComparer.Ordinal))
        {
            var at = begin;
            foreach (var (other, otherBegin) in placed.Where(other => Meet(spans[other.Value], spans[value])).OrderBy(other => other.Begin))
            {
                if (at + value.PerExtent <= otherBegin)
                    break;
                at = Math.Max(at, otherBegin + other.PerExtent);
            }

            placed.Add((value, at));
            places[value] = new(at, 0, 0, 1);
            end = Math.Max(end, at + value.PerExtent);
        }

        return end;
    }

    private static bool Meet((int First, int Last) a, (int First, int Last) b) => a.First <= b.Last && b.First <= a.Last;
}
