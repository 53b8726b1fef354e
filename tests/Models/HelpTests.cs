using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.RegularExpressions;
using GptGen.Models.Commands;
using Xunit;

namespace GptGen.Models.Tests;

/// <summary>What <c>--help</c> shows.</summary>
public sealed partial class HelpTests
{
    public static TheoryData<string> Commands => [.. MessageOptions.All.Select(static command => command.Path)];

    [Theory]
    [MemberData(nameof(Commands))]
    public void EveryOptionStandsUnderAHeadingAndExamplesAreRight(string path)
    {
        var command = MessageOptions.All.Single(other => other.Path == path).Command;
        Assert.All(command.Options, static option => Assert.NotEqual(OptionGroups.Others, OptionGroups.Of(option.Name).Heading));
        var examples = HelpExamples.Of($"gptgen {path}");
        Assert.NotEmpty(examples);
        Assert.All(examples, example => Assert.StartsWith(path, example.Line));
        foreach (var words in examples.Select(static example => CommandLineParser.SplitCommandLine(example.Line)))
            Assert.Empty(Parse([.. words.Where(static word => !word.StartsWith('@'))]).Errors);
    }

    [Fact]
    public void TheRootSaysWhereToBegin()
    {
        var help = CommandLine.Succeed("--help");
        Assert.Equal(help, CommandLine.Succeed());
        Assert.Contains("Begin here:", help);
        foreach (var (path, _) in MessageOptions.All)
            Assert.Contains($"\n  {path.Split(' ')[0]} ", help);
        Assert.All(HelpExamples.Of("gptgen"), example => Assert.Empty(Parse([.. CommandLineParser.SplitCommandLine(example.Line)]).Errors));
    }

    [Fact]
    public void DefaultsAreSpelledAsTheyAreTyped()
    {
        Assert.Contains("[default: nanogpt]", CommandLine.Succeed("tokenize", "--help"));
        var help = CommandLine.Succeed("train", "--help");
        Assert.Matches(@"\[default: 6000;\s+with\s+--weights:\s+3\s+passes", help);
        Assert.DoesNotContain("Float32", help);
        Assert.All(help.Split('\n'), static line => Assert.InRange(line.Length, 0, 100));
        foreach (var (_, command) in MessageOptions.All)
        {
            foreach (var option in command.Options)
            {
                if (option is not IShownOption { ShownDefault: { } shown } choice || option.HelpName?.Contains('|') != true)
                    continue;
                Assert.Contains(shown, option.HelpName.Split('|'));
            }
        }
    }

    private static ParseResult Parse(string[] arguments) =>
        CommandTree.Create().Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
}
