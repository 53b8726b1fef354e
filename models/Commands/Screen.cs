using System.Text;
using GptGen.Files;

namespace GptGen.Models.Commands;

/// <summary>
/// Standard output and standard error, for the whole program. A result that cannot be written is an error. What is only said of a long run is not: the run
/// outlives its terminal and its log, and its end tells that some lines are lost. What goes to standard error never fails.
/// </summary>
internal static class Screen
{
    private static bool s_isOutlived;

    /// <summary>Where people are spoken to: standard output, or standard error where standard output carries data.</summary>
    internal static TextWriter People { get; private set; } = Console.Out;

    /// <summary>Why some lines of a run that outlives its output could not be shown; null where all were.</summary>
    internal static string? Loss { get; private set; }

    /// <summary>Takes the place of the console's streams.</summary>
    internal static void Open()
    {
        Console.SetOut(Writer(OpenOutput()));
        Console.SetError(Writer(new OutputStream(2, static _ => { })));
        People = Console.Out;
    }

    /// <summary>Standard output as bytes.</summary>
    internal static Stream OpenOutput() => new OutputStream(1, Lose);

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

    /// <summary>The exit code of a run that did its work: lines that could not be shown are a failure, said once more.</summary>
    internal static int ExitCode()
    {
        if (Loss is null)
            return 0;
        Console.Error.WriteLine($"error: The run is complete and saved, but some of its lines could not be shown ({Loss}).");
        return Failure.Refused;
    }

    /// <summary>Gives a terminal its cursor back, which a bar hides, before the program ends in the middle.</summary>
    internal static void Leave()
    {
        if (!TrainingDisplay.IsPlain)
            Console.Error.Write("\e[?25h\n");
    }

    private static void Lose(Exception error)
    {
        var reason = MessageText.Of(error);
        if (!s_isOutlived)
            throw new GptGenException($"The output cannot be written ({reason}): free some space or write elsewhere.", error);
        if (Loss is null)
            Console.Error.WriteLine($"note: the output cannot be written ({reason}): the run goes on without it");
        Loss ??= reason;
    }

    private static StreamWriter Writer(Stream stream) => new(stream, new UTF8Encoding(false)) { AutoFlush = true };
}
