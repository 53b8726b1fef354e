using System.Text;
using System.Text.RegularExpressions;

namespace GptGen.Models.Commands;

/// <summary>
/// Options in messages. The runtime names a property as callers write it, <c>TrainingOptions.Batch</c>, or says in plain words what to give; people
/// who use the command line give options.
/// </summary>
internal static partial class OptionNames
{
    /// <summary>What is spelled otherwise than its property, or is no property. In quotes: commands of their own, whichever one speaks.</summary>
    internal static readonly IReadOnlyDictionary<string, string> Exceptions = new Dictionary<string, string>
    {
        ["FinetuningOptions.LanguageModelWeight"] = "--lm-weight",
        ["FinetuningOptions.EvaluationsPerEpoch"] = "--evaluations",
        ["ModelCheckpoint.Load"] = "--weights",
        ["Trainer.Resume"] = "'train --resume'",
        ["BytePairTrainer.Train"] = "'gptgen tokenizer train'",
        ["WordPieceTrainer.Train"] = "'gptgen tokenizer train --kind wordpiece'",
        ["EvaluationFiles.HellaSwag"] = "'evaluate --task hellaswag'",
        ["EvaluationFiles.ChildrensBooks"] = "'evaluate --task cbt'",
        ["EvaluationFiles.LastWords"] = "'evaluate --task lambada'",
    };

    /// <summary>Plain words, and the same with the option by which it is done.</summary>
    internal static readonly IReadOnlyList<(string Words, string Hint)> Hints =
    [
        ("name another folder", "name another folder with --out"),
        ("name a writable folder", "name a writable folder with --out"),
        ("name another file", "name another file with --out"),
        ("empty path: name a folder", "empty path: name a folder with --out"),
        ("give your own text", "give your own text with --data FILE"),
        ("Give your own text", "Give your own text with --data FILE"),
        ("the run's own data,", "the run's own --data,"),
        ("name another column", "name another --column"),
        ("a column is for", "--column is for"),
        ("give a tokenizer", "give a --tokenizer"),
        ("give the right tokenizer", "give the right --tokenizer"),
        ("give the tokenizer of", "give --tokenizer"),
        ("choose a tokenizer", "choose a --tokenizer"),
        ("choose another tokenizer", "choose another --tokenizer"),
        ("name a file to validate on", "name a file with --validation"),
        ("The validation share is", "--validation-share is"),
        ("fine-tune with a greater length", "fine-tune with a greater length ('finetune --length')"),
        ("cut such examples", "cut such examples ('finetune --truncate')"),
        ("a smaller length", "a smaller --length"),
        ("fewer streams", "a smaller --batch"),
        ("memory length", "--memory"),
        ("from its last checkpoint", "with --resume"),
        ("Trainer.Resume continues it", "'train --resume FILE' continues it"),
        ("use a CpuDevice", "'gptgen train --device cpu'"),
        ("with gptgen convert", "with 'gptgen convert --reversed-clusters'"),
    ];

    /// <summary>A message with options in place of properties. What it quotes stays as it is, and so does a hint that is there already.</summary>
    internal static string Translate(string message)
    {
        var text = new StringBuilder(message.Length);
        var done = 0;
        foreach (var quote in Quoted().EnumerateMatches(message))
        {
            text.Append(Unquoted(message[done..quote.Index])).Append(message, quote.Index, quote.Length);
            done = quote.Index + quote.Length;
        }

        return text.Append(Unquoted(message[done..])).ToString();
    }

    private static string Unquoted(string part)
    {
        foreach (var (words, hint) in Hints)
            part = part.Replace(hint, words, StringComparison.Ordinal).Replace(words, hint, StringComparison.Ordinal);
        return Qualified().Replace(part, static name => Exceptions.GetValueOrDefault(name.Value) ?? Option(name));
    }

    private static string Option(Match name) => name.Groups["property"] is { Success: true } property
        ? $"--{WordStart().Replace(property.Value, "-$0").ToLowerInvariant()}"
        : name.Value;

    [GeneratedRegex(@"\b(?:(?:\w+Options|TaskColumns)\.(?<property>[A-Z]\w*)|[A-Z]\w*\.[A-Z]\w*)")]
    private static partial Regex Qualified();

    [GeneratedRegex("(?<=[a-z0-9])[A-Z]")]
    private static partial Regex WordStart();

    // An apostrophe within a word, as in "the model's", begins no quotation.
    [GeneratedRegex(@"(?<!\w)'[^']*'")]
    private static partial Regex Quoted();
}
