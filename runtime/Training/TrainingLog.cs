using System.Text.Json;

namespace GptGen.Training;

/// <summary>A run's log: one JSON object a step, appended line by line, so that an interrupted run loses at most its last line.</summary>
public sealed class TrainingLog : IDisposable
{
    private readonly FileStream file;
    private readonly Utf8JsonWriter writer;

    /// <summary>Opens the log, or begins it anew unless <paramref name="append"/>.</summary>
    /// <exception cref="GptGenException">The file cannot be written.</exception>
    public TrainingLog(string path, bool append)
    {
        try
        {
            file = new(path, append ? FileMode.Append : FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 1);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new GptGenException($"The log '{path}' cannot be written ({exception.Message}): name a writable folder with --out.", exception);
        }

        writer = new(file);
    }

    /// <summary>Adds one step.</summary>
    public void Write(in TrainingProgress progress)
    {
        writer.WriteStartObject();
        writer.WriteNumber("step", progress.Step);
        writer.WriteNumber("loss", progress.Loss);
        writer.WriteNumber("gradient_norm", progress.GradientNorm);
        writer.WriteNumber("learning_rate", progress.LearningRate);
        writer.WriteNumber("seconds", progress.Seconds);
        if (progress.ValidationLoss is { } loss)
            writer.WriteNumber("validation_loss", loss);
        if (progress.Checkpoint is { } checkpoint)
            writer.WriteString("checkpoint", checkpoint);
        writer.WriteEndObject();
        writer.Flush();
        writer.Reset();
        file.WriteByte((byte)'\n');
    }

    /// <summary>Closes the file.</summary>
    public void Dispose()
    {
        writer.Dispose();
        file.Dispose();
    }
}
