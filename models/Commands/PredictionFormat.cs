using GptGen.Files;

namespace GptGen.Models.Commands;

/// <summary>How predictions are written.</summary>
internal enum PredictionFormat
{
    /// <summary>Fields between tabs.</summary>
    Tabs,

    /// <summary>Fields between commas.</summary>
    Commas,

    /// <summary>One object a line.</summary>
    JsonLines,

    /// <summary>One array of objects.</summary>
    JsonArray,
}

/// <summary>Which format a target asks for.</summary>
internal static class PredictionFormats
{
    /// <summary>The format of a target by its name's ending; of the console, a device or a pipe by <c>--json</c>.</summary>
    /// <param name="target">The file; null for the console.</param>
    /// <param name="asJson">Whether JSON was asked for.</param>
    /// <exception cref="GptGenException">The ending is none of those that are read, or contradicts <paramref name="asJson"/>.</exception>
    internal static PredictionFormat Of(string? target, bool asJson)
    {
        var format = Path.GetExtension(target)?.ToLowerInvariant() switch
        {
            ".tsv" or ".tab" or ".txt" => PredictionFormat.Tabs,
            ".csv" => PredictionFormat.Commas,
            ".jsonl" or ".ndjson" => PredictionFormat.JsonLines,
            ".json" => PredictionFormat.JsonArray,
            // What is open already, as /dev/stdout, has no name of its own, whatever it leads to.
            _ when target is null || OpenDescriptor.NumberOf(target) is not null || FileStatus.Of(target).Kind is FileKind.Pipe or FileKind.Device =>
                asJson ? PredictionFormat.JsonLines : PredictionFormat.Tabs,
            _ => throw new GptGenException($"The format of '{target}' is not known: name --out .tsv, .csv, .jsonl or .json as its content is to be."),
        };
        return !asJson || format is PredictionFormat.JsonLines or PredictionFormat.JsonArray
            ? format
            : throw new GptGenException($"--json asks for JSON and '{target}' for a table: name --out .jsonl or .json, or leave out --json.");
    }
}
