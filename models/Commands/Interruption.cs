using System.Globalization;
using System.Runtime.InteropServices;

namespace GptGen.Models.Commands;

/// <summary>
/// What ends a command from outside: Ctrl-C, <c>kill</c>, a terminal that is closed. What has something to save holds the end up until it is saved;
/// anything else ends within a second, even where it waits for something that cannot be interrupted. Ctrl-C for a second time ends at once.
/// </summary>
internal sealed class Interruption : IDisposable
{
    /// <summary>How long work that has nothing to save may take to notice.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromMilliseconds(700);

    /// <summary>
    /// SIGUSR1 of Linux, which launchers hand on at once and Slurm sends before a job's time is over (sbatch --signal=USR1@120); others number it
    /// otherwise.
    /// </summary>
    private const PosixSignal User = (PosixSignal)10;

    /// <summary>SIGXFSZ of Linux and of the BSDs.</summary>
    private const PosixSignal FileSizeExceeded = (PosixSignal)25;

    /// <summary>The exit code of a process that stopped because another one was interrupted.</summary>
    internal const int Interrupted = 130;

    private static CancellationTokenSource s_source = new();
    private static readonly Lock s_lock = new();
    private static int s_holds;
    private static PosixSignal? s_signal;
    private static string s_ending = "";

    private readonly List<PosixSignalRegistration> registrations = [];

    private Interruption()
    {
    }

    /// <summary>Asks to stop.</summary>
    internal static CancellationToken Token => s_source.Token;

    /// <summary>The exit code of a program that was interrupted, 128 and the signal's number, as shells say it; null while it was not.</summary>
    internal static int? ExitCode => s_signal switch
    {
        null => null,
        PosixSignal.SIGHUP => 129,
        PosixSignal.SIGQUIT => 131,
        PosixSignal.SIGTERM => 143,
        User => 138,
        _ => 130,
    };

    /// <summary>Begins to watch for signals, none of which came yet.</summary>
    internal static Interruption Watch()
    {
        s_source = new();
        s_holds = 0;
        s_signal = null;
        var watch = new Interruption();
        foreach (var signal in (PosixSignal[])[PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP, PosixSignal.SIGQUIT])
        {
            // nohup asks that a terminal's end be ignored.
            if (signal != PosixSignal.SIGHUP || !HangUpIsIgnored())
                watch.registrations.Add(PosixSignalRegistration.Create(signal, Receive));
        }

        if (OperatingSystem.IsLinux())
            watch.registrations.Add(PosixSignalRegistration.Create(User, Receive));
        // At ulimit -f the system ends a process; without that, the write fails, which is told as every fault of the disk.
        if (!OperatingSystem.IsWindows())
            watch.registrations.Add(PosixSignalRegistration.Create(FileSizeExceeded, static context => context.Cancel = true));
        return watch;
    }

    /// <summary>Holds up the end for as long as the result lives, because what is done so far will be saved.</summary>
    /// <param name="ending">What happens before the end, and what is lost without it.</param>
    /// <exception cref="OperationCanceledException">It was interrupted already.</exception>
    internal static IDisposable Hold(
        string ending = "the step is finished and saved first; Ctrl-C once more ends at once, and loses what is not saved")
    {
        lock (s_lock)
        {
            Token.ThrowIfCancellationRequested();
            s_holds++;
            s_ending = ending;
        }

        return new Held();
    }

    /// <inheritdoc/>
    public void Dispose() => registrations.ForEach(static registration => registration.Dispose());

    private static void Receive(PosixSignalContext context)
    {
        context.Cancel = true;
        lock (s_lock)
        {
            if (s_signal is not null)
            {
                // A terminal that is closed may say so twice, and a service manager whatever it likes: only a person is in a hurry.
                if (context.Signal is PosixSignal.SIGINT or PosixSignal.SIGQUIT)
                    End(context);
                return;
            }

            s_signal = context.Signal;
        }

        _ = s_source.CancelAsync();
        Thread.Sleep(s_patience);
        lock (s_lock)
        {
            if (s_holds == 0)
            {
                End(context);
                return;
            }
        }

        Console.Error.WriteLine($"interrupted: {s_ending}");
    }

    /// <summary>
    /// Leaves the end to the system's own way for the signal. An exit of ours would run what libraries do at a program's end, and the GPU driver's
    /// takes away what a thread still computes with.
    /// </summary>
    private static void End(PosixSignalContext context)
    {
        Screen.Leave();
        context.Cancel = false;
    }

    /// <summary>Whether the process began with the signal SIGHUP, number 1, ignored. The runtime's own handler would take its place.</summary>
    private static bool HangUpIsIgnored()
    {
        try
        {
            const string Key = "SigIgn:";
            var line = File.ReadLines("/proc/self/status").FirstOrDefault(static line => line.StartsWith(Key, StringComparison.Ordinal));
            return line is not null && (ulong.Parse(line.AsSpan(Key.Length).Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture) & 1) != 0;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or FormatException)
        {
            return false;
        }
    }

    private sealed class Held : IDisposable
    {
        private bool isOver;

        public void Dispose()
        {
            lock (s_lock)
            {
                if (!isOver)
                    s_holds--;
                isOver = true;
            }
        }
    }
}
