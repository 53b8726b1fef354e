using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using GptGen.Training;
using Xunit;

namespace GptGen.Models.Tests.Training;

/// <summary>Event files, by a reader of their own: what TensorBoard would show.</summary>
public sealed class TensorBoardLogTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    /// <summary>The vector of TensorBoard's own test of its framing (tensorboard/compat/tensorflow_stub/pywrap_tensorflow.py).</summary>
    [Fact]
    public void TheReaderHasTensorBoardsChecksum() => Assert.Equal(0x5794D08Au, MaskedChecksum([0x1A, 0x11, .. "CRC test, one two"u8]));

    [Fact]
    public void AFileBeginsAsTensorBoardExpects()
    {
        using (var log = new TensorBoardLog(folder.File("events"), stepsDone: 0))
            log.Write(new(1, 2.5, 0.75, 1e-3, 0.5, 2.25) { Rows = 64, Metrics = [new("accuracy", 0.5)] });
        var file = Assert.Single(Directory.GetFiles(folder.File("events")));
        Assert.Matches(@"^events\.out\.tfevents\.\d{10}\..+\.\d+\.0$", Path.GetFileName(file));
        var events = Read(file);
        Assert.Equal("brain.Event:2", events[0].FileVersion);
        Assert.Equal((1, true), (events[1].Step, events[1].IsStart));
        Assert.Equal(1, events[2].Step);
        Assert.InRange(events[2].WallTime, DateTimeOffset.UtcNow.ToUnixTimeSeconds() - 60, DateTimeOffset.UtcNow.ToUnixTimeSeconds() + 1);
        Assert.Equal(
            new()
            {
                ["loss/train"] = 2.5f, ["loss/validation"] = 2.25f, ["validation/accuracy"] = 0.5f, ["learning_rate"] = 1e-3f,
                ["gradient_norm"] = 0.75f, ["tokens_per_second"] = 128,
            },
            events[2].Values);
        Assert.Equal(3, events.Count);
    }

    [Fact]
    public void LongNamesLateStepsAndNumbersThatAreNoneAreKept()
    {
        using (var log = new TensorBoardLog(folder.Path, stepsDone: 0))
        {
            log.Add(new('ü', 200), double.NaN);
            log.Add("b", double.NegativeInfinity);
            log.WriteStep(int.MaxValue);
            log.WriteStep(1);
        }

        var events = Read(Assert.Single(Directory.GetFiles(folder.Path)));
        Assert.Equal(new() { [new('ü', 200)] = float.NaN, ["b"] = float.NegativeInfinity }, events[2].Values);
        Assert.Equal(int.MaxValue, events[2].Step);
        Assert.Empty(events[3].Values);
    }

    /// <summary>The command's option, and the values of the run's log; what ran after the last checkpoint before an end is taken back.</summary>
    [Fact]
    public void ARunThatGoesOnHasEachStepOnce()
    {
        var (data, run) = (folder.Write("text.txt", TinyRun.Text), folder.File("run"));
        CommandLine.Succeed(TinyRun.Arguments(data, run, 4, 2, "--tensorboard"));
        CommandLine.Succeed("train", "--resume", Path.Combine(run, "step-000002.safetensors"), "--steps", "6", "--tensorboard", "--threads", "2");
        var files = Directory.GetFiles(run, "*tfevents*").Order(StringComparer.Ordinal).ToList();
        Assert.Equal(2, files.Count);
        var shown = new SortedDictionary<int, Dictionary<string, float>>();
        foreach (var happened in files.SelectMany(Read))
        {
            if (happened.IsStart)
            {
                foreach (var step in shown.Keys.Where(step => step >= happened.Step).ToList())
                    shown.Remove(step);
            }
            else if (happened.Values.Count > 0)
            {
                shown.Add(happened.Step, happened.Values);
            }
        }

        var lines = File.ReadAllLines(Path.Combine(run, TrainingLog.FileName)).Select(static line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.Equal([1, 2, 3, 4, 5, 6], shown.Keys);
        Assert.Equal(lines.Select(static line => line.GetProperty("loss").GetSingle()), shown.Values.Select(static values => values["loss/train"]));
        Assert.Equal(
            lines.Select(static line => line.GetProperty("gradient_norm").GetSingle()), shown.Values.Select(static values => values["gradient_norm"]));
        Assert.Equal(
            lines.Where(static line => line.TryGetProperty("validation_loss", out _)).Select(static line => line.GetProperty("step").GetInt32()),
            shown.Where(static pair => pair.Value.ContainsKey("loss/validation")).Select(static pair => pair.Key));
        Assert.All(shown.Values, static values => Assert.True(values["tokens_per_second"] > 0 && values["learning_rate"] > 0));
    }

    [Fact]
    public void AFolderThatCannotBeIsOneLine()
    {
        var (data, file) = (folder.Write("text.txt", TinyRun.Text), folder.Write("file", ""));
        var error = CommandLine.Fail([.. TinyRun.Arguments(data, folder.File("run"), 2, 1), "--tensorboard", file]);
        Assert.Contains($"TensorBoard's events cannot be written to '{file}'", error);
    }

    private static List<Event> Read(string path)
    {
        List<Event> events = [];
        var bytes = File.ReadAllBytes(path).AsSpan();
        while (bytes.Length > 0)
        {
            var length = (int)BinaryPrimitives.ReadUInt64LittleEndian(bytes);
            Assert.Equal(MaskedChecksum(bytes[..8]), BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]));
            Assert.Equal(MaskedChecksum(bytes.Slice(12, length)), BinaryPrimitives.ReadUInt32LittleEndian(bytes[(12 + length)..]));
            events.Add(Parse(bytes.Slice(12, length)));
            bytes = bytes[(16 + length)..];
        }

        return events;
    }

    private static Event Parse(ReadOnlySpan<byte> message)
    {
        var parsed = new Event();
        foreach (var (field, number, bytes) in Fields(message))
        {
            parsed = field switch
            {
                1 => parsed with { WallTime = BitConverter.UInt64BitsToDouble(number) },
                2 => parsed with { Step = (int)number },
                3 => parsed with { FileVersion = Encoding.UTF8.GetString(bytes) },
                5 => parsed with { Values = Fields(bytes).Select(static value => Fields(value.Bytes)).ToDictionary(
                    static value => Encoding.UTF8.GetString(value.Single(static field => field.Number == 1).Bytes),
                    static value => BitConverter.UInt32BitsToSingle((uint)value.Single(static field => field.Number == 2).Value)) },
                7 => parsed with { IsStart = Fields(bytes) is [(1, 1, _)] },
                _ => throw new InvalidDataException($"The event has a field {field}."),
            };
        }

        return parsed;
    }

    /// <summary>The fields of a message of protocol buffers.</summary>
    private static List<(int Number, ulong Value, byte[] Bytes)> Fields(ReadOnlySpan<byte> message)
    {
        List<(int, ulong, byte[])> fields = [];
        var at = 0;
        while (at < message.Length)
        {
            var key = ReadVarint(message, ref at);
            var (number, value, bytes) = ((int)(key >> 3), 0ul, Array.Empty<byte>());
            switch (key & 7)
            {
                case 0:
                    value = ReadVarint(message, ref at);
                    break;
                case 1:
                    value = BinaryPrimitives.ReadUInt64LittleEndian(message[at..]);
                    at += 8;
                    break;
                case 2:
                    var length = (int)ReadVarint(message, ref at);
                    bytes = message.Slice(at, length).ToArray();
                    at += length;
                    break;
                case 5:
                    value = BinaryPrimitives.ReadUInt32LittleEndian(message[at..]);
                    at += 4;
                    break;
                default:
                    throw new InvalidDataException($"A field has the wire type {key & 7}.");
            }

            fields.Add((number, value, bytes));
        }

        return fields;
    }

    private static ulong ReadVarint(ReadOnlySpan<byte> message, ref int at)
    {
        var value = 0ul;
        for (var shift = 0; ; shift += 7)
        {
            var part = message[at++];
            value |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80)
                return value;
        }
    }

    /// <summary>CRC-32C bit by bit (polynomial 0x1EDC6F41, reflected), masked as TFRecord has it.</summary>
    private static uint MaskedChecksum(ReadOnlySpan<byte> data)
    {
        var checksum = ~0u;
        foreach (var value in data)
        {
            checksum ^= value;
            for (var bit = 0; bit < 8; bit++)
                checksum = (checksum >> 1) ^ ((checksum & 1) * 0x82F63B78u);
        }

        checksum = ~checksum;
        return ((checksum >> 15) | (checksum << 17)) + 0xA282EAD8u;
    }

    private sealed record Event
    {
        public double WallTime { get; init; }

        public int Step { get; init; }

        public string? FileVersion { get; init; }

        public bool IsStart { get; init; }

        public Dictionary<string, float> Values { get; init; } = [];
    }
}
