using System.CommandLine;
using System.Text.RegularExpressions;
using GptGen.Models.Commands;
using Xunit;

namespace GptGen.Models.Tests.Documentation;

/// <summary>
/// Every command of gptgen's in the documentation runs, in its page's order, with small sizes (<see cref="SmallSizes"/>) on small files
/// (<see cref="DocumentedFiles"/>). A block that begins with <c>```sh not run: REASON</c> is parsed only. Within one process, as a test process
/// compiles the program's code once; so its working folder and console are these tests' alone.
/// </summary>
[Collection(Alone)]
public sealed partial class DocumentedCommandTests
{
    internal const string Alone = "alone";

    // The program keeps what it found as the console.
    private static readonly StringWriter s_output = new();

    public static TheoryData<string> Pages => [.. DocumentedCommand.Pages.Where(static page => DocumentedCommand.In(page).Count > 0)];

    [Theory]
    [MemberData(nameof(Pages))]
    public void EveryCommandOfAPageRuns(string page)
    {
        var commands = DocumentedCommand.In(page);
        foreach (var command in commands)
        {
            Assert.True(command.Words[0] != "serve" || command.NotRun is not null, $"{command} serves without end: the block must say so.");
            Assert.True(Parse(command.Words) is { Errors: [] }, $"{command}: {string.Join(' ', Parse(command.Words).Errors)}");
        }

        if (commands.All(static command => command.NotRun is not null))
            return;
        using var files = new DocumentedFiles(Run);
        var (before, console, errors) = (Directory.GetCurrentDirectory(), Console.Out, Console.Error);
        Directory.SetCurrentDirectory(files.For(page));
        try
        {
            files.Train(commands);
            foreach (var command in commands.Where(static command => command.NotRun is null))
            {
                try
                {
                    Run(SmallSizes.Of(command.Words));
                }
                catch (Exception error) when (error is GptGenException or InvalidOperationException)
                {
                    Assert.Fail($"{command}, run as 'gptgen {string.Join(' ', SmallSizes.Of(command.Words))}': {error.Message}");
                }
            }
        }
        finally
        {
            Directory.SetCurrentDirectory(before);
            Console.SetOut(console);
            Console.SetError(errors);
        }
    }

    /// <summary>Commands in running text, and those of other tests' programs, name what there is.</summary>
    [Fact]
    public void WhatIsNamedExists()
    {
        var mistakes = new List<string>();
        foreach (var page in DocumentedCommand.Pages)
        {
            var text = File.ReadAllText(Path.Combine(Package.Sdk.Root, page));
            foreach (Match span in CodeSpan().Matches(text))
            {
                var words = span.Groups[1].Value.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
                var path = words is ["tokenizer", var name, ..] ? $"tokenizer {name}" : words[0];
                if (!MessageOptions.OfCommands.TryGetValue(path, out var options))
                {
                    mistakes.Add($"{page}: there is no command 'gptgen {path}'");
                    continue;
                }

                mistakes.AddRange(MessageOptions.Named(string.Join(' ', words))
                    .Where(named => named.Option != "--help" && !options.Contains(named.Option))
                    .Select(named => $"{page}: 'gptgen {path}' has no {named.Option}"));
            }

            foreach (Match project in Project().Matches(text))
            {
                if (!Directory.Exists(Path.Combine(Package.Sdk.Root, project.Groups[1].Value)))
                    mistakes.Add($"{page}: there is no project '{project.Groups[1].Value}'");
            }
        }

        Assert.True(mistakes.Count == 0, string.Join('\n', mistakes));
    }

    private static ParseResult Parse(string[] words)
    {
        var root = CommandTree.Create();
        return root.Parse([.. words.Where(static word => !word.StartsWith('@'))], new ParserConfiguration { ResponseFileTokenReplacer = null });
    }

    /// <summary>Runs a command in the working folder; it must succeed.</summary>
    private static void Run(string[] words)
    {
        s_output.GetStringBuilder().Clear();
        Console.SetOut(s_output);
        Console.SetError(s_output);
        var root = CommandTree.Create();
        var parsed = root.Parse(ResponseFile.Expand(words, root), new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Errors.Count > 0)
            throw new InvalidOperationException(string.Join(' ', parsed.Errors));
        var code = parsed.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
        if (code != 0)
            throw new InvalidOperationException($"ended with {code}: {s_output}");
    }

    [GeneratedRegex(@"`gptgen ([a-z][^`]*)`")]
    private static partial Regex CodeSpan();

    [GeneratedRegex(@"dotnet run --project (\S+)")]
    private static partial Regex Project();
}

/// <summary>Tests beside which no other may run.</summary>
[CollectionDefinition(DocumentedCommandTests.Alone, DisableParallelization = true)]
public sealed class AloneCollection;
