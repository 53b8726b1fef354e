using System.CommandLine;

namespace GptGen.Models.Commands;

/// <summary>What a command does.</summary>
internal static class CommandWork
{
    /// <summary>
    /// Gives a command its work, which returns the exit code. It runs beside the parser's own thread, which only then can tell the work that Ctrl-C
    /// was pressed.
    /// </summary>
    internal static Command WithWork(this Command command, Func<ParseResult, CancellationToken, int> work)
    {
        command.SetAction((result, cancellation) => Task.Run(() => work(result, cancellation), CancellationToken.None));
        return command;
    }
}
