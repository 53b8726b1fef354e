using System.CommandLine;
using System.Diagnostics;
using GptGen.Models.Commands;
using Xunit;

namespace GptGen.Models.Tests;

/// <summary>
/// Every option with a number, with numbers that no sane run has. Each command is given what makes it end by itself behind the checks of its options,
/// with a file that is not there; it runs within the test, so that a number that is not refused has nothing to hide behind.
/// </summary>
public sealed class NumberOptionTests : IDisposable
{
    private static readonly TimeSpan s_soon = TimeSpan.FromSeconds(20);
    private static readonly string[] s_impossible = ["NaN", "Infinity", "-Infinity", "1e999", "-1", "x", ""];
    private static readonly string[] s_huge = ["2147483647", "2147483648", "4294967295", "1e308", "99999999999999999999"];

    private readonly TemporaryFolder folder = new();

    public static TheoryData<string, string> Options()
    {
        var data = new TheoryData<string, string>();
        foreach (var (path, command) in MessageOptions.All)
        {
            foreach (var option in command.Options.Where(static option => option.HelpName == "number"))
                data.Add(path, option.Name);
        }

        return data;
    }

    public void Dispose() => folder.Dispose();

    [Theory]
    [MemberData(nameof(Options))]
    public void IsRefusedInOneLineOrHarmless(string command, string option)
    {
        foreach (var value in s_impossible)
            Assert.Contains(option, Failure(command, option, value));
        foreach (var value in s_huge)
            Failure(command, option, value);
    }

    /// <summary>The message of a command that must fail, soon.</summary>
    private string Failure(string command, string option, string value)
    {
        string[] arguments = [.. command.Split(' '), .. Rest(command), option, value];
        var watch = Stopwatch.StartNew();
        var parsed = CommandTree.Create().Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
        var message = parsed.Errors.Count > 0 ? string.Join(" ", parsed.Errors.Select(static error => error.Message))
            : Assert.Throws<GptGenException>(
                () => parsed.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null })).Message;
        Assert.True(watch.Elapsed < s_soon, $"{string.Join(' ', arguments)} took {watch.Elapsed}");
        message = CommandLineText.Of(message);
        MessageOptions.Check(arguments, message);
        return message;
    }

    private string[] Rest(string command)
    {
        var (missing, output) = (folder.File("missing"), folder.File("output"));
        return command switch
        {
            "train" => ["--data", missing, "--out", output, "--device", "cpu"],
            "finetune" =>
            [
                "--task", "classification", "--from-scratch", "--data", folder.Write("data.tsv", "text\tlabel\na\tx\nb\ty\na\tx\nb\ty\n"),
                "--validation", folder.File("data.tsv"), "--test", missing, "--out", output,
            ],
            "predict" => ["--weights", missing, "--text", "a"],
            "evaluate" => ["--weights", missing, "--data", missing],
            "features" => ["--weights", missing, "--prompt", "a"],
            "fill" => ["--weights", missing, "--prompt", "a [MASK] b"],
            "generate" or "serve" => ["--weights", missing],
            "summarize" => ["--weights", missing, "--text", "a"],
            "translate" => ["--weights", missing, "--text", "a", "--example", "a = b"],
            "answer" => ["--weights", missing, "--text", "a", "--question", "b"],
            "tokenizer train" => ["--data", missing, "--out", output],
            "models" => [],
            "tokenize" => ["--data", missing, "--out", folder.File("output.bin")],
            "compare" => ["--data", missing, "--out", output],
            _ => throw new ArgumentException($"'{command}' has options with numbers: say here how to run it until they are checked."),
        };
    }
}
