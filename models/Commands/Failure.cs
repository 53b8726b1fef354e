namespace GptGen.Models.Commands;

/// <summary>How a command that fails says so: one line on standard error and an exit code.</summary>
internal static class Failure
{
    /// <summary>The exit code of a mistake in what the user gave, or of something that the system refuses.</summary>
    internal const int Refused = 1;

    /// <summary>The exit code of a fault of the program's own, as sysexits.h has it.</summary>
    private const int Fault = 70;

    /// <summary>With any value, faults of the program are shown with the place where they happened.</summary>
    private const string TraceVariable = "GPTGEN_TRACE";

    /// <summary>Says what went wrong.</summary>
    /// <returns>The exit code.</returns>
    internal static int Report(Exception exception)
    {
        if (exception is OperationCanceledException && Interruption.ExitCode is { } interrupted)
        {
            Processes.Abort(interrupted);
            return interrupted;
        }

        Processes.AwaitTurn();
        if (Environment.GetEnvironmentVariable(TraceVariable) is { Length: > 0 })
            Console.Error.WriteLine(exception);
        var (message, code) = Describe(exception);
        Console.Error.WriteLine($"error: {Processes.Prefix}{MessageText.OneLine(CommandLineText.Of(message))}");
        Processes.Abort(code);
        return code;
    }

    private static (string Message, int Code) Describe(Exception exception) => exception switch
    {
        GptGenException => (exception.Message, Refused),
        OutOfMemoryException => ("There is not enough memory for this: close other programs, or use a smaller model or smaller numbers.", Refused),
        // Files are read and written where the message says what for; this is what nobody foresaw.
        UnauthorizedAccessException => ($"A file or folder cannot be read or written: {exception.Message} Check its permissions.", Refused),
        IOException => ($"A file cannot be read or written: {exception.Message} Check the path, its permissions and the free space.", Refused),
        AggregateException { InnerExceptions: [var only] } => Describe(only),
        _ => (
            $"This is a fault of the program, not yours: {exception.GetType().Name}: {exception.Message} "
            + $"Set {TraceVariable}=1 to see where it happens, and report it.",
            Fault),
    };
}
