using System.Runtime.InteropServices;
using GptGen.Runtime.Tests.Operators;
using GptGen.Sampling;

namespace GptGen.Runtime.Tests.Sampling;

/// <summary>Rows of logits on any device, and what draws from them need.</summary>
internal sealed class SamplingMemory<TVocabulary> : IDisposable
    where TVocabulary : struct, IDimension
{
    private static readonly int s_words = SamplingShape.SeenWords(TVocabulary.Size);

    private readonly Device device;
    private readonly TestMemory memory;
    private readonly int limit;
    private readonly Rows<TVocabulary> logits;
    private readonly Integers seen;
    private Integers places, results;

    /// <summary>Stores rows of <paramref name="limit"/> logits each; what follows them would be drawn if anything could.</summary>
    public SamplingMemory(Device device, float[] rows, int limit, int slots)
    {
        (this.device, this.limit, memory) = (device, limit, new(device));
        var stored = new double[rows.Length / limit * TVocabulary.Stored];
        Array.Fill(stored, 1e30);
        for (var i = 0; i < rows.Length; i++)
            stored[(i / limit * TVocabulary.Stored) + (i % limit)] = rows[i];
        logits = memory.Rows<TVocabulary>(stored);
        seen = memory.Integers(new int[slots * s_words]);
    }

    /// <summary>A slot's tokens so far.</summary>
    public void SetSeen(int slot, int[] tokens)
    {
        var bits = new int[s_words];
        foreach (var token in tokens)
            bits[token / 32] |= 1 << (token % 32);
        seen.Start.Arena.Write(slot * s_words, bits);
    }

    /// <summary>The bits of all slots.</summary>
    public int[] Seen()
    {
        var bits = new int[seen.Count];
        seen.Start.Arena.Read(0, bits);
        return bits;
    }

    /// <summary>Draws a token each, or throws.</summary>
    public int[] Draw(TokenDraw[] draws)
    {
        var tokens = new int[draws.Length];
        Draw(draws, tokens);
        Array.ForEach(tokens, TokenDraw.Check);
        return tokens;
    }

    /// <summary>Draws a token each, or what stands in its place.</summary>
    public void Draw(ReadOnlySpan<TokenDraw> draws, Span<int> tokens)
    {
        if (results.Count != draws.Length)
            (places, results) = (memory.Integers(new int[draws.Length * TokenDraw.Words]), memory.Integers(new int[draws.Length]));
        places.Start.Arena.Write(0, MemoryMarshal.Cast<TokenDraw, int>(draws));
        device.Sample(logits, limit, places, seen, results);
        results.Start.Arena.Read(0, tokens);
    }

    public void Dispose() => memory.Dispose();
}
