using GptGen.Generator.Graph;
using GptGen.Generator.Operators;

namespace GptGen.Generator.Memory;

/// <summary>
/// Gives every value its place: kept values first, one instance a layer; then short-lived ones, which share memory when their lives do
/// not meet.
/// </summary>
internal static class MemoryPlanner
{
    /// <param name="graph">The graph.</param>
    /// <param name="sections">Its calls, forward and backward, in order.</param>
    /// <param name="kept">Values of the forward pass that the backward pass or the host reads.</param>
    public static MemoryPlan Run(ModelGraph graph, IEnumerable<CallSection> sections, ISet<Value> kept)
    {
        var spans = Liveness.Of(sections);
        var places = new Dictionary<Value, Storage>();
        var values = spans.Keys.Where(value => value.Extent != Extent.LogitRow).ToArray();

        ArenaPlan Plan(ValueKind kind) => new(
        [
            .. values.Where(value => value.Kind == kind).GroupBy(value => value.Extent.Region).OrderByDescending(region => region.Key.SharesMemory)
                .Select(region => (region.Key, region.Key.SharesMemory ? Place(region, spans, kept, places) : PlaceApart(region, places))),
        ]);

        var statistics = Plan(ValueKind.Statistics);
        return new(places, Plan(ValueKind.Rows), statistics);
    }

    /// <summary>Regions of few rows lie behind the others, their widest values first, so that odd widths leave the rest aligned.</summary>
    private static long PlaceApart(IEnumerable<Value> values, Dictionary<Value, Storage> places)
    {
        long end = 0;
        foreach (var value in values.OrderByDescending(value => value.PerExtent))
        {
            if (value.Loop is not null || value.CarriedBy is not null)
                throw new InvalidOperationException(
                    $"{value.Name} of a layer has one a {value.Extent.Count}, a region whose values have one instance.");
            places[value] = new(end, 0, 1);
            end += value.PerExtent;
        }

        return end;
    }

    private static long Place(
        IEnumerable<Value> values, IReadOnlyDictionary<Value, (int First, int Last)> spans, ISet<Value> kept, Dictionary<Value, Storage> places)
    {
        long end = 0;
        var all = values.ToArray();
        foreach (var value in all.Where(value => value.CarriedBy is not null))
        {
            var instances = kept.Contains(value) ? value.CarriedBy!.Passes + 1 : 2;
            places[value] = new(end, value.PerExtent, instances);
            end += (long)value.PerExtent * instances;
        }

        // Values of the layers that are kept lie side by side, layer after layer.
        foreach (var layer in all.Where(value => value.Loop is not null && kept.Contains(value)).GroupBy(value => value.Loop!))
        {
            var stride = layer.Sum(value => (long)value.PerExtent);
            var offset = end;
            foreach (var value in layer)
            {
                places[value] = new(offset, stride, layer.Key.Passes);
                offset += value.PerExtent;
            }

            end += stride * layer.Key.Passes;
        }

        foreach (var value in all.Where(value => value.Loop is null && value.CarriedBy is null && kept.Contains(value)))
        {
            places[value] = new(end, 0, 1);
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
        foreach (var value in values.OrderByDescending(value => value.PerExtent).ThenBy(value => spans[value].First)
            .ThenBy(value => value.Name, StringComparer.Ordinal))
        {
            var at = begin;
            foreach (var (other, otherBegin) in placed.Where(other => Meet(spans[other.Value], spans[value])).OrderBy(other => other.Begin))
            {
                if (at + value.PerExtent <= otherBegin)
                    break;
                at = Math.Max(at, otherBegin + other.PerExtent);
            }

            placed.Add((value, at));
            places[value] = new(at, 0, 1);
            end = Math.Max(end, at + value.PerExtent);
        }

        return end;
    }

    private static bool Meet((int First, int Last) a, (int First, int Last) b) => a.First <= b.Last && b.First <= a.Last;
}
