using System.CommandLine;
using System.Globalization;
using System.Text;
using GptGen.Checkpoints;
using GptGen.Text;

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
        var command = new Command("pairs", "Write what the .NET SDK's tools say in English and another language, as pairs for 'train --pairs'.")
        {
            language, output,
        };
        return command.WithWork((result, _) =>
        {
            var (name, path) = (result.GetValue(language)!, result.GetValue(output)!);
            var pairs = Waiting.For("reading the SDK's texts", () => SdkTranslations.Load(name));
            AtomicFile.Write(path, stream =>
            {
                using var writer = new StreamWriter(stream, new UTF8Encoding(false), leaveOpen: true) { NewLine = "\n" };
                foreach (var (english, translation) in pairs)
                    writer.WriteLine($"{english}\t{translation}");
            });
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{pairs.Count:N0} pairs of English and {name}: {path}"));
            return 0;
        });
    }
}
