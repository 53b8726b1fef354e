using GptGen.Generation;

namespace GptGen.Runtime.Tests.Generation;

/// <summary>
/// A graph whose cache is the tokens themselves, and whose logits are made of them at random, within a spread: the smaller, the less sure it is. It
/// refuses what no graph can do.
/// </summary>
internal sealed class RememberedSlots(int slots, int capacity, int vocabulary, int seed, float spread = 4) : IDecodingSlots
{
    private readonly List<int>[] cache = [.. Enumerable.Range(0, slots).Select(static _ => new List<int>())];
    private float[][] rows = [];

    public int Slots => slots;

    public int Capacity => capacity;

    public int Vocabulary => vocabulary;

    /// <summary>Rows of all calls together.</summary>
    public int Decoded { get; private set; }

    /// <summary>Reads sources into the slots that a search expects.</summary>
    public int[] Begin(int[][] sources, int beams)
    {
        for (var source = 0; source < sources.Length; source++)
            cache[source * beams] = [.. sources[source]];
        rows = [.. sources.Select(LogitsAfter)];
        return [.. sources.Select(static source => source.Length)];
    }

    public void Decode(ReadOnlySpan<int> tokens, ReadOnlySpan<int> positions, ReadOnlySpan<int> slots)
    {
        rows = new float[tokens.Length][];
        for (var row = 0; row < tokens.Length; row++)
        {
            if (positions[row] != cache[slots[row]].Count || positions[row] >= capacity)
                throw new InvalidOperationException($"Slot {slots[row]} holds {cache[slots[row]].Count} positions, not {positions[row]}.");
            cache[slots[row]].Add(tokens[row]);
            rows[row] = LogitsAfter(cache[slots[row]]);
            Decoded++;
        }
    }

    public void ReadLogits(int row, Span<float> logits) => rows[row].CopyTo(logits);

    public void CopySlots(ReadOnlySpan<SlotCopy> slots)
    {
        var copies = slots.ToArray();
        if (copies.Select(static copy => copy.To).Distinct().Count() != copies.Length
            || copies.Any(copy => copies.Any(other => other.To == copy.From)))
            throw new InvalidOperationException("A slot is copied to twice, or both from and to.");
        foreach (var copy in copies)
            cache[copy.To] = cache[copy.From][..copy.Positions];
    }

    public float[] LogitsAfter(IReadOnlyList<int> tokens)
    {
        var random = new Random(tokens.Aggregate(seed, static (hash, token) => unchecked((hash * 31) + token + 1)));
        return [.. Enumerable.Range(0, vocabulary).Select(_ => random.NextSingle() * spread)];
    }
}
