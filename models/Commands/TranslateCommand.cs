using System.CommandLine;
using GptGen.Generation;

namespace GptGen.Models.Commands;

/// <summary><c>gptgen translate</c>: a translation by prompt.</summary>
internal static class TranslateCommand
{
    private const string Between = " = ";

    internal static Command Create()
    {
        var example = new Option<string[]>("--example") { Description = "A pair 'english = french'; may be given several times.", HelpName = "pair" };
        var examples = new Option<string?>("--examples") { Description = "A file of such pairs, one a line.", HelpName = "file" };
        IReadOnlyList<TranslationPair> pairs = [];
        return ZeroShotCommand.Create(
            "translate",
            "Translate a sentence by prompt alone: examples 'english = french', greedy, the first sentence.",
            new("sentence to translate"),
            "the examples",
            [example, examples],
            result => pairs = Pairs(result.GetValue(example) ?? [], result.GetValue(examples)),
            (zeroShot, text, _, tokens, cancellation) => zeroShot.Translate(pairs, text, tokens, cancellation));
    }

    private static List<TranslationPair> Pairs(string[] options, string? file)
    {
        List<TranslationPair> pairs = [.. options.Select(static pair => Parse(pair) ?? throw Wrong("--example", pair))];
        if (file is not null)
        {
            var lines = InputText.ReadFile(file).Split('\n');
            for (var line = 0; line < lines.Length; line++)
            {
                if (!string.IsNullOrWhiteSpace(lines[line]))
                    pairs.Add(Parse(lines[line]) ?? throw Wrong($"'{file}', line {line + 1}", lines[line].Trim()));
            }
        }

        return pairs.Count > 0
            ? pairs
            : throw new GptGenException(
                "There are no examples, which tell the languages: give some with --example 'english = french' or --examples FILE.");
    }

    private static TranslationPair? Parse(string text) =>
        text.Split(Between, 2, StringSplitOptions.TrimEntries) is [{ Length: > 0 } english, { Length: > 0 } french] ? new(english, french) : null;

    private static GptGenException Wrong(string where, string text) => new($"{where} is '{text}', but must be a pair 'english = french'.");
}
