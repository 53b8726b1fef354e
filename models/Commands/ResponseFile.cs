using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text;
using GptGen.Files;

namespace GptGen.Models.Commands;

/// <summary>
/// Files of arguments, named <c>@FILE</c>. They count before the first option and the first argument only, where no value can stand: a prompt may
/// begin with the same letter.
/// </summary>
internal static class ResponseFile
{
    private const char Mark = '@';

    /// <summary>Puts what response files hold in their place, but for options that follow on the command line itself.</summary>
    /// <param name="arguments">The arguments as they were given.</param>
    /// <param name="root">All commands.</param>
    /// <exception cref="GptGenException">A file cannot be read, or is no text.</exception>
    internal static string[] Expand(string[] arguments, Command root)
    {
        var (expanded, command, next) = (new List<string>(arguments.Length), root, 0);
        for (; next < arguments.Length && expanded.TrueForAll(static word => !word.StartsWith('-')); next++)
        {
            if (arguments[next] is [Mark, _, ..] named)
                expanded.AddRange(Read(named[1..]));
            else if (Part(command, arguments[next]) is not null)
                expanded.Add(arguments[next]);
            else
                break;
            command = expanded.Aggregate(root, static (at, word) => Part(at, word) ?? at);
        }

        var rest = arguments[next..];
        return [.. Without(expanded, command, rest), .. rest];
    }

    private static Command? Part(Command command, string word) => command.Subcommands.FirstOrDefault(part => part.Name == word);

    /// <summary>The words but for the options, with their values, that others give too.</summary>
    private static IEnumerable<string> Without(List<string> words, Command command, string[] others)
    {
        string? Option(string word) => command.Options.FirstOrDefault(option => word.Split('=', ':')[0] == option.Name)?.Name;

        var (given, isReplaced) = (others.Select(Option).ToHashSet(), false);
        foreach (var word in words)
        {
            if (Option(word) is { } option)
                isReplaced = given.Contains(option);
            if (!isReplaced)
                yield return word;
        }
    }

    /// <summary>Words as on a command line, in double quotes where they hold spaces; lines that begin with # are comments.</summary>
    private static IEnumerable<string> Read(string path) =>
        Encoding.UTF8.GetString(TextFile.Read(path, "a file of options").Span).Split('\n').Select(static line => line.Trim())
            .Where(static line => !line.StartsWith('#')).SelectMany(CommandLineParser.SplitCommandLine);
}
