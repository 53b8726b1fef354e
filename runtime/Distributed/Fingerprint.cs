using System.IO.Hashing;
using System.Runtime.InteropServices;
using GptGen.Finetuning;
using GptGen.Text;

namespace GptGen.Distributed;

/// <summary>A number that other texts, tokens or weights most probably have not, by which processes notice that theirs differ.</summary>
internal sealed class Fingerprint
{
    /// <summary>Of what is long, numbers of some windows all over it are read: reading all would take longer than a short run.</summary>
    private const int Windows = 64;

    private const int WindowNumbers = 64;

    private readonly XxHash64 hash = new();

    /// <summary>The number of what was added, in its order; a double holds it exactly.</summary>
    internal double Number => hash.GetCurrentHashAsUInt64() >> 12;

    /// <summary>Adds a text.</summary>
    internal Fingerprint Add(string text)
    {
        hash.Append(MemoryMarshal.AsBytes(text.AsSpan()));
        return Add([text.Length]);
    }

    /// <summary>Adds tokens.</summary>
    internal Fingerprint Add(ReadOnlySpan<int> tokens)
    {
        hash.Append(MemoryMarshal.AsBytes(tokens));
        return this;
    }

    /// <summary>Adds tokens of a text of any length.</summary>
    /// <exception cref="GptGenException">They cannot be read.</exception>
    internal Fingerprint Add(TokenSource source)
    {
        var tokens = new int[(int)Math.Min(WindowNumbers, source.Count)];
        for (var window = 0; window < Windows; window++)
        {
            source.Read((long)((source.Count - tokens.Length) / (double)Windows * window), tokens);
            Add(tokens);
        }

        return Add([(int)source.Count, (int)(source.Count >> 32)]);
    }

    /// <summary>Adds examples of a task.</summary>
    internal Fingerprint Add(IEnumerable<EncodedExample> examples)
    {
        foreach (var example in examples)
        {
            foreach (var sequence in example.Sequences)
                Add([sequence.Length]).Add(sequence);
            Add([example.Label, BitConverter.SingleToInt32Bits(example.Grade), example.Start, example.End]).Add(example.TokenLabels);
        }

        return this;
    }

    /// <summary>Adds numbers of an arena.</summary>
    internal Fingerprint Add(Arena arena)
    {
        var values = new float[(int)Math.Min(WindowNumbers, arena.Elements)];
        for (var window = 0; window < Windows; window++)
        {
            arena.Read((nint)((arena.Elements - values.Length) / (double)Windows * window), values);
            hash.Append(MemoryMarshal.AsBytes<float>(values));
        }

        return this;
    }
}
