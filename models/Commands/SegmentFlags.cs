using System.CommandLine;

namespace GptGen.Models.Commands;

/// <summary>How a segment model reads: options without a value, which other models do not have.</summary>
internal static class SegmentFlags
{
    /// <summary>How its memory begins.</summary>
    internal static Option<bool> ZeroMemory() => new("--zero-memory")
    {
        Description = "Of a Transformer-XL: begin with a whole memory of zeros that are attended to, as Hugging Face's library does; with none "
            + "without it.",
    };

    /// <summary>How many rows its rows see.</summary>
    internal static Option<bool> SameLength() => new("--same-length")
    {
        Description = "Of a Transformer-XL: every token sees as many before it as the memory holds, itself among them; without it those at a "
            + "segment's end see more.",
    };

    /// <summary>What is given.</summary>
    /// <exception cref="GptGenException">It is, of a model of another kind.</exception>
    internal static bool ReadFor(this ParseResult result, ZooEntry entry, Option<bool> flag) =>
        !result.GetValue(flag) || entry.Kind == ModelKind.Segment
            ? result.GetValue(flag)
            : throw new GptGenException($"{flag.Name} belongs to Transformer-XL models: leave it out with {entry.Name}.");
}
