namespace GptGen.Models.Commands;

/// <summary>Under which heading the help shows an option. One name means the same in all commands.</summary>
internal static class OptionGroups
{
    /// <summary>The heading of options that stand under no other.</summary>
    internal const string Others = "Other options";

    private static readonly (string Heading, string[] Options)[] s_groups =
    [
        ("What is read",
        [
            "--task", "--weights", "--model", "--tokenizer", "--kind", "--vocabulary", "--cased", "--data", "--pairs", "--language", "--column",
            "--separator", "--end-of-text", "--prompt", "--text", "--file", "--question", "--history", "--example", "--examples", "--validation",
            "--validation-share", "--test", "--texts", "--label", "--graded", "--truncate", "--tasks", "--systems", "--limit", "--stride",
            "--memory", "--zero-memory", "--same-length", "--reversed-clusters", "--from-scratch", "--resume",
        ]),
        ("Learning",
        [
            "--steps", "--epochs", "--batch", "--micro-batch", "--length", "--accumulate", "--shares", "--learning-rate", "--minimum-learning-rate",
            "--schedule", "--warmup", "--beta2", "--weight-decay", "--dropout", "--label-smoothing", "--clip", "--lm-weight", "--masking",
            "--whole-words", "--next-sentence", "--quick", "--seeds",
        ]),
        ("On the way",
        [
            "--evaluate-every", "--evaluations", "--validation-tokens", "--patience", "--best-by", "--save-every", "--sample-every",
            "--sample-tokens",
        ]),
        ("Writing text",
        [
            "--tokens", "--samples", "--temperature", "--top-k", "--top-p", "--min-p", "--repetition-penalty", "--stop", "--beams", "--best",
            "--length-penalty", "--top",
        ]),
        ("Serving",
        [
            "--host", "--port", "--name", "--api-key-file", "--chat", "--slots", "--queue", "--most-tokens", "--time-limit", "--most-body", "--drain",
        ]),
        ("What comes out", ["--out", "--type", "--format", "--tensorboard", "--layer", "--pool", "--json"]),
        ("Computing", ["--device", "--threads", "--precision", "--weights-type", "--gigabytes", "--ranks", "--seed"]),
    ];

    /// <summary>The headings in their order.</summary>
    internal static IEnumerable<string> Headings => [.. s_groups.Select(static group => group.Heading), Others];

    /// <summary>The heading of an option and its place below it.</summary>
    internal static (string Heading, int Place) Of(string option)
    {
        foreach (var (heading, options) in s_groups)
        {
            if (Array.IndexOf(options, option) is >= 0 and var place)
                return (heading, place);
        }

        return (Others, 0);
    }
}
