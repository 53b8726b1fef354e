using System.Text.Json;

namespace GptGen.Training;

/// <summary>
/// A run's log: one JSON object a step, appended line by line. A run that continues cuts off what its steps will write again and a line that an
/// interruption left unfinished, so that the log has each step once and in order.
/// </summary>
public sealed class TrainingLog : IDisposable
{
    private readonly string path;
    private readonly FileStream file;
    private readonly MemoryStream line = new();
    private readonly Utf8JsonWriter writer;

    /// <summary>Opens the log and keeps its first <paramref name="stepsDone"/> steps; 0 begins it anew.</summary>
    /// <param name="path">The file.</param>
    /// <param name="stepsDone">Steps that will not run again.</param>
    /// <exception cref="GptGenException">The file cannot be read or written.</exception>
    public TrainingLog(string path, int stepsDone)
    {
        this.path = path;
        try
        {
            file = new(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0);
            (Kept, var length) = ReadKept(file, stepsDone);
            file.SetLength(length);
            file.Position = length;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            file?.Dispose();
            throw Unwritable(exception);
        }

        writer = new(line);
    }

    /// <summary>The steps that the log held and keeps.</summary>
    public IReadOnlyList<LoggedStep> Kept { get; }

    /// <summary>Adds one step.</summary>
    /// <exception cref="GptGenException">The file cannot be written, or the disk is full.</exception>
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
        writer.WriteEndObject();
        writer.Flush();
        writer.Reset();
        line.WriteByte((byte)'\n');
        try
        {
            file.Write(line.GetBuffer(), 0, (int)line.Length);
        }
        catch (IOException exception)
        {
            throw Unwritable(exception);
        }

        line.SetLength(0);
    }

    /// <summary>Closes the file.</summary>
    public void Dispose()
    {
        writer.Dispose();
        file.Dispose();
    }

    /// <summary>The whole lines at the file's beginning that tell of ascending steps up to <paramref name="stepsDone"/>, and their length in bytes.</summary>
    private static (List<LoggedStep> Steps, long Length) ReadKept(FileStream file, int stepsDone)
    {
        var steps = new List<LoggedStep>();
        var bytes = new byte[stepsDone == 0 ? 0 : file.Length];
        file.ReadExactly(bytes);
        var length = 0;
        while (Array.IndexOf(bytes, (byte)'\n', length) is >= 0 and var end
            && Parse(bytes.AsMemory(length, end - length)) is { } step
            && step.Step <= stepsDone
            && (steps.Count == 0 || step.Step > steps[^1].Step))
        {
            steps.Add(step);
            length = end + 1;
        }

        return (steps, length);
    }

    private static LoggedStep? Parse(ReadOnlyMemory<byte> line)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            var root = document.RootElement;
            double? validation = root.TryGetProperty("validation_loss", out var value) ? value.GetDouble() : null;
            return new(root.GetProperty("step").GetInt32(), root.GetProperty("loss").GetDouble(), validation);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            return null;
        }
    }

    private GptGenException Unwritable(Exception cause) => new(
        $"The log '{path}' cannot be written ({cause.Message.TrimEnd('.')}): free some space or name a writable folder with --out.", cause);
}
