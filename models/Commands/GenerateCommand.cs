using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using GptGen.Distributed;
using GptGen.Generation;
using GptGen.Sampling;

namespace GptGen.Models.Commands;

/// <summary><c>gptgen generate</c>: writes text with trained weights.</summary>
internal static class GenerateCommand
{
    internal static Command Create()
    {
        var model = CommonOptions.ModelOfWeights();
        var weights = CommonOptions.WeightsOfRun();
        var tokenizer = CommonOptions.Tokenizer();
        var prompt = new Option<string>("--prompt") { Description = "What the text begins with.", DefaultValueFactory = _ => "", HelpName = "text" };
        var tokens = CommonOptions.Number("--tokens", "The most tokens of each sample.", 256);
        var temperature = CommonOptions.Number("--temperature", "Sharpness of the choice; 0 is greedy.", 0.8f, least: 0);
        var topK = CommonOptions.Number("--top-k", "Choose among the K most probable; 0 means all.", 0, least: 0);
        var topP = CommonOptions.Number("--top-p", "Choose among the most probable that together reach P.", 1f, 0, 1);
        var minP = CommonOptions.Number("--min-p", "Leave out tokens below P times the most probable.", 0f, 0, 1);
        var penalty = CommonOptions.Number("--repetition-penalty", "Above 1 makes repetition rarer.", 1f, least: 0);
        var samples = CommonOptions.Number("--samples", "Samples written in one batch.", 1);
        var stop = new Option<string[]>("--stop") { Description = "End a sample before this text; may be given several times.", HelpName = "text" };
        var seed = CommonOptions.Seed();
        var memory = CommonOptions.Memory();
        var zeroMemory = SegmentFlags.ZeroMemory();
        var search = new SearchOptions();
        var device = new DeviceOptions(writes: true);
        var json = CommonOptions.Json();
        var command = new Command("generate", "Write text with a trained model.")
        {
            model, weights, tokenizer, prompt, tokens, temperature, topK, topP, minP, penalty, samples, stop, seed, memory,
            zeroMemory, json,
        };
        foreach (var option in search.All)
            command.Add(option);
        device.AddTo(command);
        return command.WithWork((result, cancellation) =>
        {
            var others = Processes.Start();
            var options = new GenerationOptions
            {
                Tokens = result.GetValue(tokens),
                Samples = result.GetValue(samples),
                Stop = result.GetValue(stop) ?? [],
                Sampling = new()
                {
                    Temperature = result.GetValue(temperature),
                    TopK = result.GetValue(topK),
                    TopP = result.GetValue(topP),
                    MinP = result.GetValue(minP),
                    RepetitionPenalty = result.GetValue(penalty),
                    Seed = result.GetValue(seed),
                },
            };
            options.Validate();
            var beams = search.ReadUnlessDrawn(result, options.Tokens, temperature, topK, topP, minP, penalty, samples, stop, seed);
            if (beams is not null && others is not null)
                throw new GptGenException("--beams searches for one text, which several processes cannot divide: start it without a launcher.");
            var found = LoadedModel.Find(result.GetValue(model), result.GetValue(weights));
            found.RequireText();
            var rows = CommonOptions.CheckedMemory(result.GetValue(memory) ?? found.RunMemory, found.Entry);
            var zeros = result.ReadFor(found.Entry, zeroMemory);
            var text = found.OpenTokenizer(result.GetValue(tokenizer));
            using var runDevice = device.Open(result, others);
            var sequences = beams?.Beams ?? TextGenerator.SamplesAtOnce(options.Samples, others);
            var need = MemoryNeed.Inference(
                TextGenerator.SizeFor(found.Description, sequences, rows),
                CommonOptions.RemedyWithMemory(
                    found.Description, sequences == 1 ? null : beams is null ? "fewer --samples" : "fewer --beams"));
            using var loaded = found.LoadText(runDevice, need);
            var generator = new TextGenerator(loaded, text) { MemoryLength = rows, BeginsWithZeros = zeros };
            var beginning = result.GetValue(prompt)!;
            if (beams is not null)
            {
                if (result.IsGiven(tokens) && generator.SearchRoom(text.EncodePrompt(beginning)) is var room && room < beams.Tokens)
                    Note.Show($"a search keeps its whole text in view, and the context of {found.Description.Name} has room for {room} tokens");
                WriteFound(Waiting.For("searching", () => generator.Search(beginning, beams, cancellation)), beginning, result.GetValue(json));
                return 0;
            }

            Processes.RequireAlike(
                others, result, runDevice, ("prompt", () => new Fingerprint().Add(text.EncodePrompt(beginning)).Number),
                ("weights", () => new Fingerprint().Add(loaded.Parameters).Number));
            var pieces = generator.Generate(beginning, options, others, cancellation);
            if (result.GetValue(json))
                WriteJson(Waiting.For("writing", () => Collect(pieces, options.Samples)), beginning);
            else if (options.Samples == 1)
                Stream(pieces, beginning);
            else
                WriteSamples(Waiting.For("writing", () => Collect(pieces, options.Samples)), beginning);
            return 0;
        });
    }

    /// <summary>One sample as it appears.</summary>
    private static void Stream(IEnumerable<GeneratedText> pieces, string prompt)
    {
        Console.Write(prompt);
        foreach (var piece in pieces)
            Console.Write(piece.Text);
        Console.WriteLine();
    }

    /// <summary>Several samples whole, one after the other.</summary>
    private static void WriteSamples(string[] texts, string prompt)
    {
        for (var sample = 0; sample < texts.Length; sample++)
            Console.WriteLine($"--- sample {sample + 1}\n{prompt}{texts[sample]}");
    }

    /// <summary>Texts of a search, the best first; several with what they are ranked by.</summary>
    private static void WriteFound(IReadOnlyList<BeamText> texts, string prompt, bool isJson)
    {
        if (isJson)
        {
            WriteJson("rank", [.. texts.Select(static text => text.Text)], prompt, (writer, index) =>
            {
                writer.WriteNumber("score", texts[index].Score);
                writer.WriteNumber("log_probability", texts[index].LogProbability);
                writer.WriteNumber("tokens", texts[index].Tokens);
                writer.WriteBoolean("ended", texts[index].IsEnded);
            });
            return;
        }

        for (var index = 0; index < texts.Count; index++)
        {
            if (texts.Count > 1)
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"--- text {index + 1}, score {texts[index].Score:F4}"));
            Console.WriteLine(prompt + texts[index].Text);
        }
    }

    private static void WriteJson(string[] texts, string prompt) => WriteJson("sample", texts, prompt, static (_, _) => { });

    /// <summary>One JSON object a line and text.</summary>
    private static void WriteJson(string number, string[] texts, string prompt, Action<Utf8JsonWriter, int> writeMore)
    {
        if (!Processes.IsFirst)
            return;
        using var output = Screen.OpenOutput();
        for (var index = 0; index < texts.Length; index++)
        {
            using (var writer = new Utf8JsonWriter(output))
            {
                writer.WriteStartObject();
                writer.WriteNumber(number, index + 1);
                writer.WriteString("prompt", prompt);
                writer.WriteString("text", texts[index]);
                writeMore(writer, index);
                writer.WriteEndObject();
            }

            output.WriteByte((byte)'\n');
        }
    }

    private static string[] Collect(IEnumerable<GeneratedText> pieces, int samples)
    {
        var texts = Enumerable.Range(0, samples).Select(static _ => new StringBuilder()).ToArray();
        foreach (var piece in pieces)
            texts[piece.Sample].Append(piece.Text);
        return [.. texts.Select(static text => text.ToString())];
    }
}
