using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using GptGen.Pretraining;
using GptGen.Text;

namespace GptGen.Models.Commands;

/// <summary><c>gptgen fill</c>: what a masked model finds probable in the gaps of a text.</summary>
internal static class FillCommand
{
    internal static Command Create()
    {
        var model = CommonOptions.ModelOfWeights();
        var weights = CommonOptions.WeightsOfRun();
        var tokenizer = CommonOptions.Tokenizer();
        var prompt = new Option<string>("--prompt") { Description = "The text, with [MASK] in each gap.", Required = true, HelpName = "text" };
        var top = CommonOptions.Number("--top", "Candidates a gap.", 5, least: 1);
        var device = new DeviceOptions();
        var json = CommonOptions.Json();
        var command = new Command("fill", "Fill gaps in a text with a masked model, such as BERT.") { model, weights, tokenizer, prompt, top, json };
        device.AddTo(command);
        return command.WithWork((result, _) =>
        {
            var found = LoadedModel.Find(result.GetValue(model), result.GetValue(weights));
            found.Entry.Require(ModelKind.Masked);
            found.RequireTokenHead();
            var text = WordPieceTokenizer.Require(found.OpenTokenizer(result.GetValue(tokenizer)));
            var tokens = MaskFiller.Tokens(result.GetValue(prompt)!, text, found.Description);
            using var runDevice = device.Open(result);
            using var loaded = found.LoadMasked(runDevice, MemoryNeed.Losses(1, tokens.Length, "a shorter --prompt"));
            var filled = new MaskFiller(loaded, text).Fill(tokens, result.GetValue(top));
            if (result.GetValue(json))
                WriteJson(filled);
            else
                Write(filled);
            return 0;
        });
    }

    /// <summary>A probability for people.</summary>
    internal static string Percent(double probability) => (100 * probability).ToString("F1", CultureInfo.InvariantCulture) + " %";

    private static void Write(FilledText filled)
    {
        Console.WriteLine(filled.Text);
        for (var gap = 0; gap < filled.Gaps.Count; gap++)
        {
            Console.WriteLine(filled.Gaps.Count == 1 ? "" : $"\ngap {gap + 1}");
            foreach (var candidate in filled.Gaps[gap].Candidates)
                Console.WriteLine($"{Percent(candidate.Probability),8}  {candidate.Text}");
        }
    }

    private static void WriteJson(FilledText filled)
    {
        using var output = Screen.OpenOutput();
        using (var writer = new Utf8JsonWriter(output))
        {
            writer.WriteStartObject();
            writer.WriteString("text", filled.Text);
            writer.WriteStartArray("gaps");
            foreach (var gap in filled.Gaps)
            {
                writer.WriteStartObject();
                writer.WriteNumber("position", gap.Position);
                writer.WriteStartArray("candidates");
                foreach (var candidate in gap.Candidates)
                {
                    writer.WriteStartObject();
                    writer.WriteNumber("token", candidate.Token);
                    writer.WriteString("text", candidate.Text);
                    writer.WriteNumber("probability", candidate.Probability);
                    writer.WriteEndObject();
                }

                writer.WriteEndArray();
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        output.WriteByte((byte)'\n');
    }
}
