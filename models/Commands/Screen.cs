using System.Text;
using GptGen.Files;

namespace GptGen.Models.Commands;

/// <summary>
/// Standard output and standard error, for the whole program. A result that cannot be written is an error. What is only said of a long run is not:
/// the run outlives its terminal and its log, and its end tells that some lines are lost. What goes to standard error never fails.
/// </summary>
internal static class Screen
{
    private const int BrokenPipe = 32;

    private static bool s_isOutlived;

    /// <summary>Where people are spoken to: standard output, or standard error where standard output carries data.</summary>
    internal static TextWriter People { get; private set; } = Console.Out;

    /// <summary>Why some lines of a run that outlives its output could not be written; null where all were.</summary>
    private static string? s_loss;

    /// <summary>Takes the place of the console's streams; nothing is lost yet.</summary>
    internal static void Open()
    {
        s_isOutlived = false;
        s_loss = null;
        Note.Begin();
        if (!OperatingSystem.IsWindows())
        {
            Console.SetOut(Writer(new Watched(new OpenDescriptor(1), Fail)));
            Console.SetError(Writer(new Watched(new OpenDescriptor(2), static _ => { })));
        }

        People = Console.Out;
    }

    /// <summary>Standard output as bytes.</summary>
    internal static Stream OpenOutput() => new Watched(OperatingSystem.IsWindows() ? Console.OpenStandardOutput() : new OpenDescriptor(1), Fail);

    /// <summary>From here on nothing is said but why the program fails: another process says the rest.</summary>
    internal static void Silence()
    {
        Console.SetOut(TextWriter.Null);
        People = TextWriter.Null;
        Note.Silence();
    }

    /// <summary>From here on standard output is for data alone.</summary>
    internal static void KeepOutputForData() => People = Console.Error;

    /// <summary>Keeps standard output for data if that is where a path leads.</summary>
    internal static void KeepOutputForData(string path)
    {
        const string Output = "/dev/stdout";
        if (path == Output || (FileStatus.Of(path) is { Kind: not FileKind.Missing } target && target.Identity == FileStatus.Of(Output).Identity))
            KeepOutputForData();
    }

    /// <summary>From here on lines that cannot be shown are no reason to end.</summary>
    internal static void Outlive() => s_isOutlived = true;

    /// <summary>Takes note that a run goes on without some of its lines, and says so the first time.</summary>
    internal static void Lose(string reason)
    {
        reason = CommandLineText.Of(reason);
        if (s_loss is null)
            Console.Error.WriteLine($"note: the run goes on without this: {reason}");
        s_loss ??= reason;
    }

    /// <summary>The exit code of a run that did its work: lines that are lost are a failure, said once more.</summary>
    internal static int ExitCode()
    {
        if (s_loss is null)
            return 0;
        Console.Error.WriteLine($"error: The run is complete and saved, but some of its lines are lost: {s_loss}");
        return Failure.Refused;
    }

    /// <summary>Gives a terminal its cursor back, which a bar hides, before the program ends in the middle.</summary>
    internal static void Leave()
    {
        if (!TrainingDisplay.IsPlain)
            Console.Error.Write("\e[?25h\n");
    }

    private static void Fail(IOException error)
    {
        var remedy = error.HResult == BrokenPipe
            ? "what read it has ended; let it read to the end, or write into a file"
            : "free some space or write elsewhere";
        var reason = $"The output cannot be written ({MessageText.Of(error)}): {remedy}.";
        if (!s_isOutlived)
            throw new GptGenException(reason, error);
        Lose(reason);
    }

    private static StreamWriter Writer(Stream stream) => new(stream, new UTF8Encoding(false)) { AutoFlush = true };

    /// <summary>A stream whose failures are looked at.</summary>
    private sealed class Watched(Stream inner, Action<IOException> fail) : Stream
    {
        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            try
            {
                inner.Write(buffer);
            }
            catch (IOException error)
            {
                fail(error);
            }
        }

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
