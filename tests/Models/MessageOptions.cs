using System.CommandLine;
using System.Text.RegularExpressions;
using GptGen.Models.Commands;
using Xunit;

namespace GptGen.Models.Tests;

/// <summary>Holds messages to the commands that say them: a remedy must be an option that is there.</summary>
internal static partial class MessageOptions
{
    private static readonly RootCommand s_root = CommandTree.Create();

    /// <summary>Every command that does something, as it is typed, with the names of its options.</summary>
    public static IReadOnlyDictionary<string, HashSet<string>> OfCommands { get; } = Commands(s_root, "").ToDictionary(
        static command => command.Path, static command => command.Command.Options.Select(static option => option.Name).ToHashSet());

    /// <summary>Every command that does something.</summary>
    public static IEnumerable<(string Path, Command Command)> All => Commands(s_root, "");

    /// <summary>Fails if a message names an option that its command lacks, unless the user had given it or it is said of another command.</summary>
    public static void Check(string[] arguments, string message)
    {
        if (CommandOf(arguments) is not { } command)
            return;
        foreach (var (option, of) in Named(message))
        {
            if (arguments.Any(argument => argument.Split('=')[0] == option))
                continue;
            var speaker = of ?? command;
            Assert.True(
                OfCommands.TryGetValue(speaker, out var options) && (options.Contains(option) || option == "--help"),
                $"'gptgen {speaker}' has no {option}, but '{string.Join(' ', arguments)}' gave: {message}");
        }
    }

    /// <summary>The options that a text names, each with the command that it is said of, or null for the command that speaks.</summary>
    public static IEnumerable<(string Option, string? Of)> Named(string text)
    {
        // 'gptgen tokenizer train --out FOLDER' and 'train --weights' speak of the command that they begin with.
        var quoted = Quoted().Matches(text).Select(static match => (match.Index, match.Length, Command: CommandOf(match.Groups[1].Value.Split(' '))))
            .ToList();
        foreach (Match match in Option().Matches(text))
        {
            var of = quoted.FirstOrDefault(
                quote => quote.Command is not null && match.Index > quote.Index && match.Index < quote.Index + quote.Length).Command;
            yield return (match.Value, of);
        }
    }

    private static string? CommandOf(string[] words)
    {
        words = words is ["gptgen", ..] ? words[1..] : words;
        return words is [var group, var name, ..] && OfCommands.ContainsKey($"{group} {name}") ? $"{group} {name}"
            : words is [var alone, ..] && OfCommands.ContainsKey(alone) ? alone
            : null;
    }

    private static IEnumerable<(string Path, Command Command)> Commands(Command command, string path) => command.Subcommands.SelectMany(part =>
    {
        var own = path.Length == 0 ? part.Name : $"{path} {part.Name}";
        return part.Subcommands.Count > 0 ? Commands(part, own) : [(own, part)];
    });

    [GeneratedRegex(@"(?<![\w-])--[a-z][a-z0-9-]*[a-z0-9]")]
    private static partial Regex Option();

    [GeneratedRegex(@"(?<!\w)'([^']*)'")]
    private static partial Regex Quoted();
}
