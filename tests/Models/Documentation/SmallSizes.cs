namespace GptGen.Models.Tests.Documentation;

/// <summary>How a documented command becomes a small one: sizes are replaced, and a tiny text stands for what takes long to read.</summary>
internal static class SmallSizes
{
    /// <summary>What an option's number becomes, whatever the page says.</summary>
    private static readonly Dictionary<string, string> s_numbers = new()
    {
        ["--steps"] = "2", ["--batch"] = "2", ["--micro-batch"] = "1", ["--length"] = "32", ["--epochs"] = "1", ["--evaluate-every"] = "1",
        ["--validation-tokens"] = "64", ["--tokens"] = "4", ["--limit"] = "8", ["--save-every"] = "0", ["--sample-every"] = "0", ["--memory"] = "16",
        ["--vocabulary"] = "300", ["--stride"] = "16",
    };

    /// <summary>What a command gets besides, unless the page gives it: what it would otherwise take is large.</summary>
    private static readonly Dictionary<string, string[]> s_more = new()
    {
        ["train"] = ["--steps", "2", "--batch", "2", "--length", "32", "--validation-tokens", "64", "--data", "text.txt"],
        ["finetune"] = ["--epochs", "1", "--batch", "4", "--length", "32"],
        ["tokenizer train"] = ["--data", "text.txt", "--vocabulary", "300"],
        ["evaluate"] = ["--data", "text.txt", "--limit", "64", "--batch", "2"],
        ["generate"] = ["--tokens", "4"],
        ["summarize"] = ["--tokens", "4"],
        ["answer"] = ["--tokens", "4"],
        ["translate"] = ["--tokens", "4"],
    };

    /// <summary>Commands that reckon with the processor only.</summary>
    private static readonly string[] s_computing =
        ["train", "finetune", "predict", "evaluate", "generate", "summarize", "translate", "answer", "fill", "features"];

    /// <summary>The small command.</summary>
    internal static string[] Of(string[] words)
    {
        var (path, small) = (words is ["tokenizer", ..] ? string.Join(' ', words[..2]) : words[0], words.ToList());
        for (var index = 1; index < small.Count; index++)
        {
            if (s_numbers.TryGetValue(small[index - 1], out var number))
                small[index] = number;
        }

        var more = s_more.GetValueOrDefault(path, []);
        for (var index = 0; index < more.Length; index += 2)
        {
            var isPairs = more[index] == "--data" && words.Contains("--pairs");
            if (!words.Contains(more[index]) && !isPairs && !(words.Contains("--resume") && more[index] != "--steps"))
                small.AddRange(more[index..(index + 2)]);
        }

        if (s_computing.Contains(path))
            small.AddRange(["--device", "cpu", "--threads", "1"]);
        return [.. small];
    }
}
