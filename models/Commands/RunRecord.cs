using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using GptGen.Checkpoints;
using GptGen.Distributed;
using GptGen.Pretraining;
using GptGen.Training;

namespace GptGen.Models.Commands;

/// <summary>What a run's checkpoints remember of its command line, so that <c>--resume</c> needs nothing repeated.</summary>
/// <param name="Model">The model's name.</param>
/// <param name="Tokenizer">The tokenizer as <see cref="RunTokenizer"/> names it.</param>
/// <param name="Data">Full paths of the data; empty for the SDK's documentation.</param>
/// <param name="Tokens">Tokens to train on, by which other data is noticed.</param>
/// <param name="Training">The options.</param>
/// <param name="EndOfText">Whether the name of the end-of-text token ends documents in texts; earlier runs do not say, and there it does not.</param>
/// <param name="Pretraining">What a masked model is trained to do; null for a language model.</param>
/// <param name="Pairs">Full path of the pairs of texts that it is trained on in the place of data; null for data.</param>
/// <param name="Memory">Rows that each layer of a segment model keeps of the segments before; null for as many as it can.</param>
/// <param name="TensorBoard">Full path of the folder of TensorBoard's event files, or empty for the run's own, which may move; null for none.</param>
internal sealed record RunRecord(
    string Model, string Tokenizer, string[] Data, long Tokens, TrainingOptions Training,
    bool EndOfText = false, PretrainingOptions? Pretraining = null, string? Pairs = null, int? Memory = null,
    string? TensorBoard = null)
{
    /// <summary>The name of <see cref="Tokenizer"/> in JSON.</summary>
    internal const string TokenizerKey = "tokenizer";

    /// <summary>The name of <see cref="Pairs"/> in JSON.</summary>
    internal const string PairsKey = "pairs";

    /// <summary>The name of <see cref="Memory"/> in JSON.</summary>
    internal const string MemoryKey = "memory";

    internal string ToJson() => JsonSerializer.Serialize(this, RunRecordJson.Default.RunRecord);

    /// <summary>What a checkpoint remembers that the first of several processes reads and tells the others.</summary>
    /// <exception cref="GptGenException">There is none, or the command line did not write it.</exception>
    internal static RunRecord Read(string path, Communicator? others)
    {
        var record = Processes.IsFirst ? Read(path) : null;
        if (others is null)
            return record!;
        var text = others.Broadcast(record is null ? null : $"{record.Training.Shares} {record.ToJson()}");
        var space = text.IndexOf(' ', StringComparison.Ordinal);
        record = JsonSerializer.Deserialize(text[space..], RunRecordJson.Default.RunRecord)!;
        return record with { Training = record.Training with { Shares = int.Parse(text.AsSpan(0, space), CultureInfo.InvariantCulture) } };
    }

    /// <summary>What a checkpoint, or a folder's newest one, remembers.</summary>
    /// <exception cref="GptGenException">There is none, or the command line did not write it.</exception>
    internal static RunRecord Read(string path)
    {
        var state = TrainingCheckpoint.ReadState(path);
        var options = state.Options;
        try
        {
            var record = JsonSerializer.Deserialize(options, RunRecordJson.Default.RunRecord);
            if (record is { Model: not null, Tokenizer: not null, Data: not null, Training: not null, Tokens: > 0 }
                && !record.Data.Any(string.IsNullOrWhiteSpace))
            {
                var entry = Zoo.Find(record.Model);
                record.Training.Validate(entry.Description);
                if (entry.Kind == ModelKind.Masked)
                    (record.Pretraining ?? throw new JsonException()).Check(record.Training.Length);
                return record with
                {
                    Tokenizer = RunTokenizer.Find(record.Tokenizer, path), Training = record.Training with { Shares = state.Shares },
                };
            }
        }
        catch (JsonException)
        {
        }
        catch (GptGenException error)
        {
            throw new GptGenException(
                $"'{path}' was trained with options that cannot be: {error.Message} It cannot be resumed; use it with 'train --weights'.", error);
        }

        throw new GptGenException($"'{path}' does not tell with which options it was trained: it cannot be resumed; use it with 'train --weights'.");
    }
}

/// <summary>Reads and writes <see cref="RunRecord"/> without reflection.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, IgnoreReadOnlyProperties = true, UseStringEnumConverter = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(RunRecord))]
internal sealed partial class RunRecordJson : JsonSerializerContext;
