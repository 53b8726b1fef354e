using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Text;

namespace GptGen.Training;

/// <summary>
/// Event files of TensorBoard, which <c>tensorboard --logdir</c> finds: a run that goes on writes another file into the folder, which takes back the
/// steps that run again. The format is TFRecord's framing with masked CRC-32C around messages of <c>tensorflow/core/util/event.proto</c>.
/// </summary>
public sealed class TensorBoardLog : IDisposable
{
    // Fields of the messages: number and wire type in a byte.
    private const byte WallTime = (1 << 3) | Fixed64;
    private const byte Step = (2 << 3) | Varint;
    private const byte FileVersion = (3 << 3) | Bytes;
    private const byte Summary = (5 << 3) | Bytes;
    private const byte SessionLog = (7 << 3) | Bytes;
    private const byte SessionStatus = (1 << 3) | Varint;
    private const byte SummaryValue = (1 << 3) | Bytes;
    private const byte ValueTag = (1 << 3) | Bytes;
    private const byte ValueNumber = (2 << 3) | Fixed32;
    private const byte Varint = 0;
    private const byte Fixed64 = 1;
    private const byte Bytes = 2;
    private const byte Fixed32 = 5;

    /// <summary>A record's length, and the length's checksum, before it.</summary>
    private const int HeaderLength = sizeof(ulong) + sizeof(uint);

    private readonly string path;
    private readonly FileStream file;
    private readonly MemoryStream values = new();
    private readonly MemoryStream record = new();

    /// <summary>Begins a file in a folder, which is made where there is none.</summary>
    /// <param name="folder">The folder; its name is the run's in TensorBoard.</param>
    /// <param name="stepsDone">Steps that will not run again: what earlier files say of later ones counts no more.</param>
    /// <exception cref="GptGenException">The file cannot be written.</exception>
    public TensorBoardLog(string folder, int stepsDone)
    {
        path = folder;
        try
        {
            Directory.CreateDirectory(folder);
            (file, path) = Create(folder);
            Begin(step: 0);
            Write(FileVersion, "brain.Event:2"u8);
            End();
            const byte Start = 1;
            Begin(stepsDone + 1);
            Write(SessionLog, [SessionStatus, Start]);
            End();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            file?.Dispose();
            throw Unwritable(error);
        }
    }

    /// <summary>Adds what a step gave: its losses, learning rate, gradient norm and speed.</summary>
    /// <exception cref="GptGenException">The file cannot be written, or the disk is full.</exception>
    public void Write(in TrainingProgress progress)
    {
        Add("loss/train", progress.Loss);
        if (progress.ValidationLoss is { } loss)
            Add("loss/validation", loss);
        foreach (var metric in progress.Metrics ?? [])
            Add($"validation/{metric.Name}", metric.Value);
        Add("learning_rate", progress.LearningRate);
        Add("gradient_norm", progress.GradientNorm);
        if (progress.Seconds > 0)
            Add("tokens_per_second", progress.Rows / progress.Seconds);
        WriteStep(progress.Step);
    }

    /// <summary>Adds a number to the step that <see cref="WriteStep"/> writes.</summary>
    /// <param name="tag">Its name; what stands before a slash groups the charts.</param>
    /// <param name="value">The number, which is kept in single precision.</param>
    public void Add(string tag, double value)
    {
        Span<byte> name = stackalloc byte[Encoding.UTF8.GetMaxByteCount(tag.Length)];
        name = name[..Encoding.UTF8.GetBytes(tag, name)];
        values.WriteByte(SummaryValue);
        WriteVarint(values, (ulong)(1 + LengthOfVarint(name.Length) + name.Length + 1 + sizeof(float)));
        values.WriteByte(ValueTag);
        WriteVarint(values, (ulong)name.Length);
        values.Write(name);
        values.WriteByte(ValueNumber);
        Span<byte> number = stackalloc byte[sizeof(float)];
        BinaryPrimitives.WriteSingleLittleEndian(number, (float)value);
        values.Write(number);
    }

    /// <summary>Writes the numbers that were added since the last step.</summary>
    /// <exception cref="GptGenException">The file cannot be written, or the disk is full.</exception>
    public void WriteStep(int step)
    {
        Begin(step);
        Write(Summary, values.GetBuffer().AsSpan(0, (int)values.Length));
        values.SetLength(0);
        try
        {
            End();
        }
        catch (IOException error)
        {
            throw Unwritable(error);
        }
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => file.Dispose();

    /// <summary>A file of a name that sorts behind the folder's earlier ones, as TensorBoard reads them.</summary>
    private static (FileStream File, string Path) Create(string folder)
    {
        var start = string.Create(
            CultureInfo.InvariantCulture,
            $"events.out.tfevents.{DateTimeOffset.UtcNow.ToUnixTimeSeconds():D10}.{Environment.MachineName}.{Environment.ProcessId}");
        for (var number = 0; ; number++)
        {
            var path = Path.Combine(folder, $"{start}.{number}");
            if (!Path.Exists(path))
                return (new(path, FileMode.CreateNew, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0), path);
        }
    }

    private void Begin(long step)
    {
        Span<byte> time = stackalloc byte[sizeof(double)];
        BinaryPrimitives.WriteDoubleLittleEndian(time, DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() / 1000.0);
        record.SetLength(HeaderLength);
        record.Position = HeaderLength;
        record.WriteByte(WallTime);
        record.Write(time);
        if (step == 0)
            return;
        record.WriteByte(Step);
        WriteVarint(record, (ulong)step);
    }

    private void Write(byte field, ReadOnlySpan<byte> value)
    {
        record.WriteByte(field);
        WriteVarint(record, (ulong)value.Length);
        record.Write(value);
    }

    /// <summary>Writes the record in one go, so that it is there wholly or at the file's unfinished end.</summary>
    private void End()
    {
        var length = (int)record.Length - HeaderLength;
        record.SetLength(record.Length + sizeof(uint));
        var whole = record.GetBuffer().AsSpan(0, (int)record.Length);
        BinaryPrimitives.WriteUInt64LittleEndian(whole, (ulong)length);
        BinaryPrimitives.WriteUInt32LittleEndian(whole[sizeof(ulong)..], MaskedChecksum(whole[..sizeof(ulong)]));
        BinaryPrimitives.WriteUInt32LittleEndian(whole[(HeaderLength + length)..], MaskedChecksum(whole.Slice(HeaderLength, length)));
        file.Write(whole);
    }

    /// <summary>CRC-32C, rotated and moved so that a checksum of data with checksums in it is no weaker.</summary>
    private static uint MaskedChecksum(ReadOnlySpan<byte> data)
    {
        var checksum = uint.MaxValue;
        foreach (var value in data)
            checksum = BitOperations.Crc32C(checksum, value);
        return BitOperations.RotateRight(~checksum, 15) + 0xA282EAD8;
    }

    private static void WriteVarint(MemoryStream stream, ulong value)
    {
        for (; value >= 0x80; value >>= 7)
            stream.WriteByte((byte)(value | 0x80));
        stream.WriteByte((byte)value);
    }

    private static int LengthOfVarint(int value) => Math.Max(1, (38 - BitOperations.LeadingZeroCount((uint)value)) / 7);

    private GptGenException Unwritable(Exception cause) => new(
        $"TensorBoard's events cannot be written to '{path}' ({cause.Message.TrimEnd('.')}): free some space, or choose another folder.", cause);
}
