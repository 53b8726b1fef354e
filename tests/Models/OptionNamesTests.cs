using System.Text.RegularExpressions;
using GptGen.Models.Commands;
using Xunit;

namespace GptGen.Models.Tests;

/// <summary>The runtime's messages name properties; the command line says its options in their place.</summary>
public sealed partial class OptionNamesTests
{
    private static readonly Dictionary<string, Type> s_public =
        typeof(Device).Assembly.GetExportedTypes().DistinctBy(static type => type.Name).ToDictionary(static type => type.Name);

    /// <summary>Properties that no command sets, so that none is ever told of them.</summary>
    private static readonly string[] s_ownOnly = ["TrainingOptions.Beta1", "TrainingOptions.Epsilon", "TrainingOptions.Keep"];

    [Theory]
    [InlineData("TrainingOptions.Batch is 0, but must be at least 1.", "--batch is 0, but must be at least 1.")]
    [InlineData("FinetuningOptions.MicroBatch, BeamOptions.LengthPenalty", "--micro-batch, --length-penalty")]
    [InlineData("FinetuningOptions.LanguageModelWeight is -1", "--lm-weight is -1")]
    [InlineData("name the right one with TaskColumns.Texts", "name the right one with --texts")]
    [InlineData("'a' is there: continue with Trainer.Resume, or name another folder.",
        "'a' is there: continue with 'train --resume', or name another folder with --out.")]
    [InlineData("The model's 'TrainingOptions.Batch name another folder' stays.", "The model's 'TrainingOptions.Batch name another folder' stays.")]
    [InlineData("name another folder with --out", "name another folder with --out")]
    [InlineData("No Options. Give System.Text or TrainingOptions.", "No Options. Give System.Text or TrainingOptions.")]
    public void PropertiesBecomeOptions(string message, string expected) => Assert.Equal(expected, OptionNames.Translate(message));

    [Fact]
    public void EveryPropertyThatAMessageNamesIsPublicAndAnOption()
    {
        var names = MessageTexts.Of("runtime")
            .SelectMany(static source => Qualified().Matches(Hole().Replace(source.Text, " ")), static (source, name) => (source.Path, name.Value))
            .Where(static name => s_public.ContainsKey(TypeOf(name.Value)))
            .Concat(Required())
            .ToList();

        Assert.Contains(names, static name => name.Item2 == "TrainingOptions.Shares");
        Assert.Contains(names, static name => name.Item2 == "BeamOptions.Best");
        Assert.All(names, static name =>
        {
            var (path, qualified) = name;
            Assert.True(
                s_public.TryGetValue(TypeOf(qualified), out var type) && type.GetMember(qualified[(qualified.IndexOf('.') + 1)..]).Length > 0,
                $"{path}: {qualified} is not public.");
            var said = OptionNames.Translate(qualified);
            Assert.True(
                said == qualified || OptionNames.Exceptions.ContainsKey(qualified) || s_ownOnly.Contains(qualified)
                    || MessageOptions.OfCommands.Values.Any(options => options.Contains(said)),
                $"{path}: {qualified} becomes '{said}', which is no option.");
        });
    }

    [Fact]
    public void EveryEntryIsSaidByTheRuntimeOrACommand()
    {
        var texts = MessageTexts.Of("runtime", "models").Where(static source => !source.Path.EndsWith("/OptionNames.cs", StringComparison.Ordinal))
            .Select(static source => source.Text).Concat(Required().Select(static name => name.Name)).ToList();

        Assert.All(
            OptionNames.Exceptions.Keys.Concat(OptionNames.Hints.Select(static hint => hint.Words)),
            words => Assert.True(texts.Any(text => text.Contains(words, StringComparison.Ordinal)), $"Nothing says '{words}'."));
    }

    private static string TypeOf(string qualified) => qualified[..qualified.IndexOf('.')];

    /// <summary>The properties that options check with <c>OptionCheck</c>, which takes their names from the code.</summary>
    private static IEnumerable<(string Path, string Name)> Required() =>
        from file in Directory.EnumerateFiles(Path.Combine(Package.Sdk.Root, "runtime"), "*Options.cs", SearchOption.AllDirectories)
        from Match call in Call().Matches(File.ReadAllText(file))
        select (Path.GetFileName(file), $"{Path.GetFileNameWithoutExtension(file)}.{call.Groups[1].Value}");

    [GeneratedRegex(@"\b[A-Z]\w*\.[A-Z]\w*\b")]
    private static partial Regex Qualified();

    /// <summary>Code within a text, as far as the text has it.</summary>
    [GeneratedRegex(@"\{[^{}]*(\}|$)|^[^{}]*\}")]
    private static partial Regex Hole();

    [GeneratedRegex(@"this\.Require\([^;]*?,\s*([A-Z]\w*),\s*\$?""")]
    private static partial Regex Call();
}
