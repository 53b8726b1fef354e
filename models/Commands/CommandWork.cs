using System.CommandLine;
using System.CommandLine.Parsing;

namespace GptGen.Models.Commands;

/// <summary>What a command does.</summary>
internal static class CommandWork
{
    /// <summary>Gives a command its work, which returns the exit code. The work is told of an <see cref="Interruption"/>.</summary>
    internal static Command WithWork(this Command command, Func<ParseResult, CancellationToken, int> work)
    {
        command.SetAction(result => work(result, Interruption.Token));
        return command;
    }

    /// <summary>A command as it is typed, with the commands that it is part of.</summary>
    internal static string PathOf(CommandResult result) =>
        result.Parent is CommandResult parent ? $"{PathOf(parent)} {result.Command.Name}" : "gptgen";
}
