using System.Text.Json;
using GptGen.Files;

namespace GptGen.Training;

/// <summary>
/// A run's log: one JSON object a step, appended line by line. A run that continues cuts off what its steps will write again and a line that an
/// interruption left unfinished, so that the log has each step once and in order.
/// </summary>
public sealed class TrainingLog : IDisposable
{
    /// <summary>The log's name in a run's folder.</summary>
    public const string FileName = "log.jsonl";

    private readonly string path;
    private readonly FileStream file;
    private readonly MemoryStream line = new();
    private readonly Utf8JsonWriter writer;

    /// <summary>How every line begins.</summary>
    private static ReadOnlySpan<byte> LineStart => "{\"step\":"u8;

    /// <summary>Opens the log and keeps its first <paramref name="stepsDone"/> steps; 0 begins it anew.</summary>
    /// <param name="path">The file.</param>
    /// <param name="stepsDone">Steps that will not run again.</param>
    /// <exception cref="GptGenException">The file cannot be read or written.</exception>
    public TrainingLog(string path, int stepsDone)
    {
        this.path = path;
        try
        {
            RequireFile();
            file = new(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0);
            RequireLog();
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

    /// <summary>The steps of a run's log, also while the run goes on.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="GptGenException">There is none, it cannot be read, or it is no log of a run.</exception>
    public static IReadOnlyList<LoggedStep> Read(string path)
    {
        if (FileStatus.Of(path).Kind != FileKind.File)
            throw new GptGenException($"There is no log of a training run, '{path}': name the folder of a run.");
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var steps = ReadKept(file, int.MaxValue).Steps;
            return steps.Count > 0 || file.Length == 0
                ? steps
                : throw new GptGenException($"'{path}' is no log of a training run: name the folder of a run.");
        }
        catch (Exception error) when (InputFile.IsFailure(error))
        {
            throw InputFile.Unreadable(path, error);
        }
    }

    /// <summary>The steps that the log held and keeps.</summary>
    public IReadOnlyList<LoggedStep> Kept { get; }

    /// <summary>Adds one step.</summary>
    /// <exception cref="GptGenException">The file cannot be written, or the disk is full.</exception>
    public void Write(in TrainingProgress progress)
    {
        writer.WriteStartObject();
        writer.WriteNumber("step", progress.Step);
        WriteNumber("loss", progress.Loss);
        WriteNumber("gradient_norm", progress.GradientNorm);
        WriteNumber("learning_rate", progress.LearningRate);
        WriteNumber("seconds", progress.Seconds);
        if (progress.ValidationLoss is { } loss)
            WriteNumber("validation_loss", loss);
        foreach (var metric in progress.Metrics ?? [])
            WriteNumber($"validation_{metric.Name}", metric.Value);
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

    /// <summary>JSON has no infinities and no NaN: they are null.</summary>
    private void WriteNumber(string name, double value)
    {
        if (double.IsFinite(value))
            writer.WriteNumber(name, value);
        else
            writer.WriteNull(name);
    }

    /// <summary>Closes the file.</summary>
    public void Dispose()
    {
        writer.Dispose();
        file.Dispose();
    }

    /// <summary>Refuses what is no file: a pipe would be waited for without end.</summary>
    private void RequireFile()
    {
        if (FileStatus.Of(path).Kind is FileKind.Pipe or FileKind.Device or FileKind.Other)
            throw new GptGenException($"'{path}' is there already and is no file: move it away, or name another folder.");
    }

    /// <summary>Refuses a file that begins as no log does: it is somebody's, and would be lost.</summary>
    private void RequireLog()
    {
        Span<byte> start = stackalloc byte[LineStart.Length];
        start = start[..file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)];
        file.Position = 0;
        // After a power cut, zeros may stand in the place of what was written last.
        if (!LineStart.StartsWith(start) && start.ContainsAnyExcept((byte)0))
        {
            file.Dispose();
            throw new GptGenException($"'{path}' is there already and is no log of a training run: move it away, or name another folder.");
        }
    }

    /// <summary>
    /// The whole lines at the file's beginning that tell of ascending steps up to <paramref name="stepsDone"/>, and their length in bytes.
    /// </summary>
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
            double? validation = root.TryGetProperty("validation_loss", out var value) ? Number(value) : null;
            return new(root.GetProperty("step").GetInt32(), Number(root.GetProperty("loss")), validation);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            return null;
        }
    }

    private static double Number(JsonElement value) => value.ValueKind == JsonValueKind.Null ? double.NaN : value.GetDouble();

    private GptGenException Unwritable(Exception cause) => new(
        $"The log '{path}' cannot be written ({cause.Message.TrimEnd('.')}): free some space or name a writable folder.", cause);
}
