using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using GptGen.Generation;
using GptGen.Text;
using GptGen.Translation;

namespace GptGen.Models.Commands;

/// <summary><c>gptgen translate</c>: a translation by a model that was trained on pairs, or by prompt.</summary>
internal static class TranslateCommand
{
    private const string Between = " = ";

    internal static Command Create()
    {
        var example = new Option<string[]>("--example")
        {
            Description = "By prompt: a pair 'english = french'; may be given several times.",
            HelpName = "pair",
        };
        var examples = new Option<string?>("--examples") { Description = "By prompt: a file of such pairs, one a line.", HelpName = "file" };
        var search = new SearchOptions(beams: 4);
        IReadOnlyList<TranslationPair> pairs = [];
        return ZeroShotCommand.Create(
            "translate",
            "Translate: each line of a text with a model that was trained on pairs; with another GPT a sentence by prompt alone, from examples "
            + "'english = french', greedy, the first sentence.",
            new("text to translate"),
            "the examples",
            [example, examples, .. search.All],
            result => pairs = Pairs(result.GetValue(example) ?? [], result.GetValue(examples)),
            (zeroShot, text, _, tokens, cancellation) => zeroShot.Translate(pairs, text, tokens, cancellation),
            (model, request, result, cancellation) =>
            {
                if (model.IsTrainedOnPairs)
                {
                    return pairs.Count == 0
                        ? Translate(model, request, search.Read(result, request.Tokens ?? model.Description.Context), cancellation)
                        : throw new GptGenException($"--example is for models that learn from the prompt: {model.Entry.Name} was trained on pairs.");
                }

                if (search.All.FirstOrDefault(result.IsGiven) is { } given)
                    throw new GptGenException($"{given.Name} is for models that were trained on pairs: leave it out with {model.Entry.Name}.");
                return pairs.Count > 0 || model.Entry.Kind != ModelKind.Language ? null : throw new GptGenException(
                    "There are no examples, which tell the languages: give some with --example 'english = french' or --examples FILE.");
            });
    }

    /// <summary>Each line's translation on a line, or several with their scores.</summary>
    private static int Translate(
        LoadedModel found, ZeroShotCommand.TrainedRequest request, BeamOptions options, CancellationToken cancellation)
    {
        var text = request.Text.EndsWith('\n') ? request.Text[..^1] : request.Text;
        string[] lines = [.. text.Split('\n').Select(static line => line.Trim())];
        int[] filled = [.. Enumerable.Range(0, lines.Length).Where(index => lines[index].Length > 0)];
        if (filled.Length == 0)
            throw new GptGenException("There is no text to translate: all lines are empty.");
        var tokenizer = found.OpenTokenizer(request.Tokenizer);
        var longest = filled.Max(index => Tokens(tokenizer, lines[index], index, found));
        using var device = request.Device();
        using var model = found.Load(
            device,
            MemoryNeed.Translation(found.Description, options, Math.Min(filled.Length, Translator.DefaultBatch), longest, "fewer --beams or lines"));
        var translator = Translator.Create(model, tokenizer);
        string[] sources = [.. filled.Select(index => lines[index])];
        var texts = Waiting.For("translating", () => translator.Translate(sources, options, cancellation: cancellation));
        // An empty line stays one, so that lines keep their numbers.
        var translations = lines.Select(static _ => (IReadOnlyList<BeamText>)[]).ToArray();
        for (var index = 0; index < filled.Length; index++)
            translations[filled[index]] = texts[index];
        using var output = Screen.OpenOutput();
        for (var index = 0; index < lines.Length; index++)
        {
            if (request.Json)
                WriteJson(output, lines[index], translations[index]);
            else
                Write(output, translations[index]);
        }

        if (texts.Count(static found => !found[0].IsEnded) is > 0 and var cut)
            Note.Show(FormattableString.Invariant($"{cut} of {texts.Count} translations did not end within {options.Tokens} tokens (--tokens)"));
        return 0;
    }

    private static int Tokens(Tokenizer tokenizer, string line, int index, LoadedModel model)
    {
        var (count, most) = (tokenizer.Encode(line).Length, Translator.MostTokens(model.Description));
        return count <= most ? count : throw new GptGenException(
            $"Line {index + 1} has {count} tokens, but {model.Entry.Name} reads {most}: cut it into sentences, a line each.");
    }

    private static void Write(Stream output, IReadOnlyList<BeamText> texts)
    {
        if (texts.Count == 0)
            output.WriteByte((byte)'\n');
        foreach (var text in texts)
        {
            // A line break inside would look like another text's translation.
            var line = text.Text.ReplaceLineEndings(" ").Trim();
            output.Write(System.Text.Encoding.UTF8.GetBytes(
                texts.Count == 1 ? $"{line}\n" : string.Create(CultureInfo.InvariantCulture, $"{text.Score:F4}\t{line}\n")));
        }
    }

    private static void WriteJson(Stream output, string source, IReadOnlyList<BeamText> texts)
    {
        using (var writer = new Utf8JsonWriter(output))
        {
            writer.WriteStartObject();
            writer.WriteString("source", source);
            writer.WriteStartArray("translations");
            foreach (var text in texts)
            {
                writer.WriteStartObject();
                writer.WriteString("text", text.Text);
                writer.WriteNumber("score", text.Score);
                writer.WriteNumber("log_probability", text.LogProbability);
                writer.WriteNumber("tokens", text.Tokens);
                writer.WriteBoolean("ended", text.IsEnded);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        output.WriteByte((byte)'\n');
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

        return pairs;
    }

    private static TranslationPair? Parse(string text) =>
        text.Split(Between, 2, StringSplitOptions.TrimEntries) is [{ Length: > 0 } english, { Length: > 0 } french] ? new(english, french) : null;

    private static GptGenException Wrong(string where, string text) => new($"{where} is '{text}', but must be a pair 'english = french'.");
}
