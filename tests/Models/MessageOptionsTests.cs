using System.Text.RegularExpressions;
using Xunit;

namespace GptGen.Models.Tests;

/// <summary>No message names an option that the command lacks: every text of the sources that names one is held to the commands that can say it.</summary>
public sealed partial class MessageOptionsTests
{
    private const string Training = "train";
    private const string Finetuning = "finetune";
    private const string OnText = "generate, summarize, translate, answer, evaluate, features";

    /// <summary>
    /// The commands that can reach a file's messages, where these name options. What a file here speaks of must be an option of each of its commands; a file that is not
    /// here may not speak of options.
    /// </summary>
    private static readonly Dictionary<string, string> s_reach = new()
    {
        ["runtime/Training/Trainer.cs"] = Training,
    };

    [Fact]
    public void EveryOptionInAMessageIsOneOfTheCommandsThatSayIt()
    {
        var mistakes = new List<string>();
        foreach (var file in Sources())
        {
            var path = Path.GetRelativePath(Package.ReadmeExampleTests.Root, file).Replace('\\', '/');
            foreach (var (line, text) in Texts(file))
            {
                foreach (var (option, of) in MessageOptions.Named(text))
                {
                    string[] speakers = of is not null ? [of] : s_reach.TryGetValue(path, out var reach) ? reach.Split(", ") : ["?"];
                    mistakes.AddRange(speakers
                        .Where(speaker => !MessageOptions.OfCommands.TryGetValue(speaker, out var options) || !options.Contains(option))
                        .Select(speaker => $"{path}:{line}: {option} is no option of '{speaker}'"));
                }
            }
        }

        Assert.True(mistakes.Count == 0, string.Join('\n', mistakes));
    }

    private static IEnumerable<string> Sources() => new[] { "runtime", "models" }.SelectMany(static folder =>
        Directory.EnumerateFiles(Path.Combine(Package.ReadmeExampleTests.Root, folder), "*.cs", SearchOption.AllDirectories)
            .Where(static file => !file.Split(Path.DirectorySeparatorChar).Any(static part => part is "obj" or "bin")));

    /// <summary>The texts of a source file that name options, without comments and without the declarations of options.</summary>
    private static IEnumerable<(int Line, string Text)> Texts(string file)
    {
        var lines = File.ReadAllLines(file);
        for (var line = 0; line < lines.Length; line++)
        {
            var code = lines[line].TrimStart();
            if (code.StartsWith("//", StringComparison.Ordinal) || Declaration().IsMatch(code))
                continue;
            foreach (Match text in Text().Matches(code))
                yield return (line + 1, text.Value);
        }
    }

    [GeneratedRegex(@"new(\(|\s|<|>|\w|\[|\]|\?)*\(""--|Number\(|Choice\(|Description = |HelpName")]
    private static partial Regex Declaration();

    [GeneratedRegex(@"""(?:[^""\\]|\\.)*--[a-z](?:[^""\\]|\\.)*""")]
    private static partial Regex Text();
}
