using System.Text.Json;
using System.Text.Json.Serialization;

namespace GptGen.Models.Comparison;

/// <summary>What a comparison is of; one that goes on must be of the same.</summary>
/// <param name="Steps">Steps of pre-training.</param>
/// <param name="ExampleShare">The share of the tasks' training and validation examples that is used.</param>
/// <param name="Epochs">Times that fine-tuning reads the examples.</param>
/// <param name="Seed">The seed of everything random.</param>
/// <param name="Data">Full paths of the text; empty for the SDK's documentation.</param>
/// <param name="Tasks">Full path of a folder of tasks; null for those made of the SDK's documentation, where that is the text.</param>
/// <param name="Device">The device's name.</param>
/// <param name="Precision">How exactly it computes, as <c>--precision</c> calls it.</param>
internal sealed record ComparisonSettings(
    int Steps, double ExampleShare, int Epochs, uint Seed, string[] Data, string? Tasks, string Device, string Precision = ComparisonSettings.Float32)
{
    /// <summary>The precision of a CPU, and of a GPU unless another is asked for.</summary>
    internal const string Float32 = "f32";

    /// <summary>Tokens of a step of pre-training.</summary>
    internal const int TokensPerStep = 2048;

    /// <summary>Tokens of the vocabulary that all systems share. The models' last token stays free for what begins translations.</summary>
    internal const int Vocabulary = 4095;

    /// <summary>Steps of the whole table.</summary>
    internal const int FullSteps = 2500;

    /// <summary>Steps of a look.</summary>
    internal const int QuickSteps = 250;

    /// <summary>Whether text and tasks are made of the SDK's documentation, which gives pairs too.</summary>
    internal bool IsDocumentation => Data.Length == 0 && Tasks is null;

    internal string ToJson() => JsonSerializer.Serialize(this, ComparisonJson.Default.ComparisonSettings);
}

/// <summary>Reads and writes what a comparison keeps, without reflection.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true, RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    IgnoreReadOnlyProperties = true)]
[JsonSerializable(typeof(ComparisonSettings))]
[JsonSerializable(typeof(ComparisonRecord))]
internal sealed partial class ComparisonJson : JsonSerializerContext;
