using GptGen.Pretraining;

namespace GptGen.Models.Commands;

/// <summary>What a run is asked to train on.</summary>
internal sealed record TrainingRequest
{
    /// <summary>Files and folders of the data; none for the SDK's documentation.</summary>
    internal required string[] Data { get; init; }

    /// <summary>Whether the name of the end-of-text token ends documents in texts: for language and segment models.</summary>
    internal bool EndOfText { get; init; }

    /// <summary>Steps between samples of text, 0 meaning only at the end: for language models.</summary>
    internal int SampleEvery { get; init; }

    /// <summary>Tokens of the sample at the end, 0 meaning none: for language models.</summary>
    internal int SampleTokens { get; init; }

    /// <summary>The file of pairs of texts, in the place of <see cref="Data"/>; null for text.</summary>
    internal string? Pairs { get; init; }

    /// <summary>Rows that each layer keeps of the segments before: for segment models; null for as many as the model can.</summary>
    internal int? Memory { get; init; }

    /// <summary>All files and folders that are read.</summary>
    internal IEnumerable<string> Paths => Pairs is null ? Data : [.. Data, Pairs];

    /// <summary>What is masked: for masked models; null for others.</summary>
    internal PretrainingOptions? Pretraining { get; init; }
}
