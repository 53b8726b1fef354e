using System.CommandLine;
using System.Globalization;
using System.Text;
using GptGen.Checkpoints;
using GptGen.Text;
using GptGen.Translation;

namespace GptGen.Models.Commands;

/// <summary><c>gptgen pairs</c>: parallel texts to train a translation on, where none are at hand.</summary>
internal static class PairsCommand
{
    internal static Command Create()
    {
        var language = new Option<string>("--language")
        {
            Description = "The language beside English, as the SDK names it: cs, de, es, fr, it, ja, ko, pl, pt-BR, ru, tr, zh-Hans or zh-Hant.",
            DefaultValueFactory = static _ => "de",
            HelpName = "name",
        };
        var output = new Option<string>("--out")
        {
            Description = "The file: a pair a line, English, a tab, the translation.",
            Required = true,
            HelpName = "file",
        };
        var test = new Option<string?>("--test")
        {
            Description = "Another file for every twentieth pair, to evaluate on what no training sees.",
            HelpName = "file",
        };
        var command = new Command("pairs", "Write what the .NET SDK's tools say in English and another language, as pairs for 'train --pairs'.")
        {
            language, output, test,
        };
        return command.WithWork((result, _) =>
        {
            var (name, path, testPath) = (result.GetValue(language)!, result.GetValue(output)!, result.GetValue(test));
            if (testPath is not null && Path.GetFullPath(testPath) == Path.GetFullPath(path))
                throw new GptGenException($"--out and --test are both '{path}': name two files.");
            var pairs = Waiting.For("reading the SDK's texts", () => SdkTranslations.Load(name))
                .ToLookup(pair => testPath is not null && PairData.IsForTests(pair.English));
            Write(path, name, pairs[false].ToList());
            if (testPath is not null)
                Write(testPath, name, pairs[true].ToList());
            return 0;
        });
    }

    private static void Write(string path, string language, List<(string English, string Translation)> pairs)
    {
        AtomicFile.Write(path, stream =>
        {
            using var writer = new StreamWriter(stream, new UTF8Encoding(false), leaveOpen: true) { NewLine = "\n" };
            foreach (var (english, translation) in pairs)
                writer.WriteLine($"{english}\t{translation}");
        });
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{pairs.Count:N0} pairs of English and {language}: {path}"));
    }
}
