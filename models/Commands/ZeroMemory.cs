using System.CommandLine;

namespace GptGen.Models.Commands;

/// <summary><c>--zero-memory</c>: how a segment model's memory begins where it reads or writes.</summary>
internal static class ZeroMemory
{
    internal static Option<bool> Create() => new("--zero-memory")
    {
        Description = "Of a Transformer-XL: begin with a whole memory of zeros that are attended to, as Hugging Face's library does; with none "
            + "without it.",
    };

    /// <summary>Whether the memory begins with zeros.</summary>
    /// <exception cref="GptGenException">The model has no memory.</exception>
    internal static bool Checked(bool zeros, ZooEntry entry) => !zeros || entry.Kind == ModelKind.Segment
        ? zeros
        : throw new GptGenException($"--zero-memory belongs to Transformer-XL models: leave it out with {entry.Name}.");
}
