using System.Text;

namespace GptGen.Models.Tests;

/// <summary>A text of a few kilobytes and training runs that last moments.</summary>
internal static class TinyRun
{
    public static string Text { get; } = MakeText();

    /// <summary>The arguments of a run.</summary>
    public static string[] Arguments(string data, string folder, int steps, int saveEvery, params string[] more) =>
    [
        "train", "--data", data, "--out", folder, "--steps", $"{steps}", "--batch", "2", "--length", "16", "--warmup", "1",
        "--evaluate-every", $"{steps / 2}", "--save-every", $"{saveEvery}", "--threads", "1", .. more,
    ];

    private static string MakeText()
    {
        var text = new StringBuilder();
        for (var line = 0; line < 40; line++)
            text.Append("The ").Append(line).Append("th gear turns the ").Append(line * 7 % 11).Append("th wheel.\n");
        return text.ToString();
    }
}
