using GptGen.Generator.Graph;

namespace GptGen.Generator.Memory;

/// <summary>
/// Where a value lies in its region: at (<paramref name="Offset"/> + instance x <paramref name="PerInstance"/>) elements for each of the region's
/// rows.
/// </summary>
/// <param name="Offset">Elements a row before it.</param>
/// <param name="PerInstance">Elements a row from one instance (layer) to the next.</param>
/// <param name="Instances">How many instances there are; a carried value alternates between two unless it is kept.</param>
internal sealed record Storage(long Offset, long PerInstance, int Instances);

/// <summary>An arena's regions, one behind the other, and the elements that each takes a row.</summary>
internal sealed record ArenaPlan(IReadOnlyList<(Region Region, long PerRow)> Regions)
{
    /// <summary>The elements a row of a region; 0 where the arena has none of it.</summary>
    public long this[Region region] => Regions.FirstOrDefault(part => part.Region == region).PerRow;
}

/// <summary>The static memory plan of one graph. The regions' row counts are run-time numbers, everything else is constant.</summary>
/// <param name="Places">Where each value lies. Logits are not here: they have a workspace of their own.</param>
/// <param name="Values">The activation arena.</param>
/// <param name="Statistics">The statistics arena.</param>
internal sealed record MemoryPlan(IReadOnlyDictionary<Value, Storage> Places, ArenaPlan Values, ArenaPlan Statistics);
