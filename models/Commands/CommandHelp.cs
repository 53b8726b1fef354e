using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.Globalization;

namespace GptGen.Models.Commands;

/// <summary>What the help needs of a <see cref="ShownOption{T}"/>.</summary>
internal interface IShownOption
{
    /// <summary>The default as it would be typed; null where there is none.</summary>
    string? ShownDefault { get; }
}

/// <summary>An option that knows how its default is typed.</summary>
/// <param name="name">Its name.</param>
/// <param name="shown">The default as it would be typed.</param>
internal sealed class ShownOption<T>(string name, string shown) : Option<T>(name), IShownOption
{
    /// <inheritdoc/>
    public string? ShownDefault => HasDefaultValue ? shown : null;
}

/// <summary>What <c>--help</c> shows: what a command does, examples, and its options by group, with defaults as they would be typed.</summary>
internal sealed class CommandHelp : SynchronousCommandLineAction
{
    private const string Indent = "  ";
    private const int WidestName = 34;
    private const int WidestLine = 120;
    private const int WidthOfFiles = 100;

    private readonly TextWriter output = Console.Out;
    private readonly int width = Console.IsOutputRedirected ? WidthOfFiles : Math.Clamp(Console.WindowWidth, 60, WidestLine);

    /// <inheritdoc/>
    public override bool ClearsParseErrors => true;

    /// <summary>Gives all commands this help.</summary>
    internal static RootCommand Add(RootCommand root)
    {
        root.Options.OfType<HelpOption>().Single().Action = new CommandHelp();
        return root;
    }

    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        var command = parseResult.CommandResult.Command;
        var path = CommandWork.PathOf(parseResult.CommandResult);
        WriteWrapped(command.Description ?? "", 0);
        output.WriteLine();
        var arguments = string.Concat(command.Arguments.Select(static argument => $" [{argument.HelpName}]"));
        output.WriteLine($"Usage: {path}{(command.Subcommands.Count > 0 ? " COMMAND" : arguments)} [options]");
        WriteExamples(path);
        WriteCommands(command);
        if (command.Arguments.Count > 0)
            WriteSection("Arguments", command.Arguments.Select(static argument => (argument.HelpName ?? argument.Name, argument.Description ?? "")));
        WriteOptions(command, path);
        if (command is RootCommand)
        {
            output.WriteLine();
            WriteWrapped(
                "'gptgen COMMAND --help' shows a command's examples and options, 'gptgen --version' the version. @FILE in the place of the "
                + "first option stands for the options in a file.", 0);
        }

        return 0;
    }

    private void WriteExamples(string path)
    {
        var examples = HelpExamples.Of(path);
        if (examples.Count == 0)
            return;
        output.WriteLine();
        output.WriteLine(path == "gptgen" ? "Begin here:" : "Examples:");
        foreach (var (line, meaning) in examples)
        {
            if (meaning.Length > 0)
                output.WriteLine($"{Indent}# {meaning}");
            output.WriteLine($"{Indent}gptgen {line}");
        }
    }

    private void WriteCommands(Command command)
    {
        if (command.Subcommands.Count == 0)
            return;
        WriteSection("Commands", command.Subcommands.Select(static part => (part.Name, part.Description ?? "")));
    }

    private void WriteOptions(Command command, string path)
    {
        var options = command.Options.Where(static option => option is not (HelpOption or VersionOption)).ToLookup(
            static option => OptionGroups.Of(option.Name).Heading);
        foreach (var heading in OptionGroups.Headings.Where(options.Contains))
        {
            WriteSection(
                heading,
                options[heading].OrderBy(static option => OptionGroups.Of(option.Name).Place)
                    .Select(option => (Name(option), Describe(option, path))));
        }
    }

    private static string Name(Option option)
    {
        var names = string.Join(", ", [.. option.Aliases.Order(StringComparer.Ordinal), option.Name]);
        return option.HelpName is null || option.ValueType == typeof(bool) ? names : $"{names} <{option.HelpName}>";
    }

    private static string Describe(Option option, string path)
    {
        var notes = new List<string>();
        if (option.Required)
            notes.Add("required");
        if (Default(option) is { Length: > 0 } value)
            notes.Add($"default: {value}");
        if (path == "gptgen train" && GivenWeights.Help.TryGetValue(option.Name, out var otherwise))
            notes.Add($"with --weights: {otherwise}");
        return notes.Count == 0 ? option.Description ?? "" : $"{option.Description} [{string.Join("; ", notes)}]";
    }

    private static string? Default(Option option) => option is IShownOption shown ? shown.ShownDefault
        : !option.HasDefaultValue || option.ValueType == typeof(bool) ? null
        : option.GetDefaultValue() as string;

    private void WriteSection(string heading, IEnumerable<(string Name, string Text)> rows)
    {
        var all = rows.ToList();
        output.WriteLine();
        output.WriteLine($"{heading}:");
        var column = Indent.Length + Math.Min(all.Max(static row => row.Name.Length), WidestName) + 2;
        foreach (var (name, text) in all)
        {
            output.Write($"{Indent}{name}");
            var at = Indent.Length + name.Length;
            if (at + 2 > column)
            {
                output.WriteLine();
                at = 0;
            }

            output.Write(new string(' ', column - at));
            WriteWrapped(text, column);
        }
    }

    /// <summary>Writes a text from where the line is, and its further lines from a column on.</summary>
    private void WriteWrapped(string text, int column)
    {
        var at = column;
        foreach (var word in text.Split(' '))
        {
            if (at > column && at + 1 + word.Length > width)
            {
                output.WriteLine();
                output.Write(new string(' ', column));
                at = column;
            }

            if (at > column)
                output.Write(' ');
            output.Write(word);
            at += word.Length + (at > column ? 1 : 0);
        }

        output.WriteLine();
    }
}
