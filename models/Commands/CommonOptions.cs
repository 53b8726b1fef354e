using System.CommandLine;
using System.Globalization;
using System.Numerics;

namespace GptGen.Models.Commands;

/// <summary>Options that several commands share.</summary>
internal static class CommonOptions
{
    /// <summary>Rows of a segment model's memory.</summary>
    internal static Option<int?> Memory()
    {
        var option = new Option<int?>("--memory")
        {
            Description = "Of a Transformer-XL: tokens of the segments before that each layer still sees; as many as the run kept, or as the "
                + "model can, without it.",
            HelpName = "number",
        };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var text }] && text.StartsWith('-'))
                result.AddError($"--memory is {text}, but must be at least 0.");
        });
        return option;
    }

    /// <summary>The given memory, checked.</summary>
    /// <exception cref="GptGenException">The model has none, or a smaller one.</exception>
    internal static int? CheckedMemory(int? memory, ZooEntry entry)
    {
        if (memory is not { } rows)
            return null;
        if (entry.Kind != ModelKind.Segment)
            throw new GptGenException($"--memory belongs to Transformer-XL models: leave it out with {entry.Name}.");
        return rows >= 0 && rows <= entry.Description.MemoryLength
            ? rows
            : throw new GptGenException(
                $"--memory is {rows}, but must be between 0 and {entry.Description.MemoryLength}, the most that {entry.Name} keeps.");
    }

    /// <summary>What would take less memory, where a segment model's own memory is to be thought of too.</summary>
    internal static string? RemedyWithMemory(ModelDescription model, string? remedy) =>
        model.Distances == 0 ? remedy : remedy is null ? "a smaller --memory" : $"a smaller --memory, {remedy}";

    internal static Option<string?> Model(string otherwise) =>
        new("--model") { Description = $"The model, as 'gptgen models' lists it; {otherwise} without it.", HelpName = "name" };

    internal static Option<string?> ModelOfWeights() => Model("the one that the weights fit");

    internal static Option<string[]> Data(string what = "Files or folders of UTF-8 text, or of tokens (.bin of nanoGPT or llm.c)") => new("--data")
    {
        Description = $"{what}; the .NET SDK's English documentation without it.",
        AllowMultipleArgumentsPerToken = true,
        HelpName = "file|folder…",
    };

    internal static Option<string?> Pairs(string what) => new("--pairs")
    {
        Description = $"{what} Lines of source, tab and target, or JSON lines; 'gptgen pairs' writes some.",
        HelpName = "file",
    };

    internal static Option<bool> EndOfText() => new("--end-of-text")
    {
        Description = "Take the name of the tokenizer's end-of-text token in texts, as <|endoftext|>, for the end of a document; letters without it.",
    };

    internal static Option<string?> Tokenizer() => new("--tokenizer")
    {
        Description = "bytes, gpt2, or a folder with vocab.json and merges.txt, or vocab.txt, or nanoGPT's meta.pkl, or one of these "
            + "files, or a .gguf file; the weights' own or what fits the model without it.",
        HelpName = "bytes|gpt2|file|folder",
    };

    internal static Option<string?> Weights(string otherwise) => new("--weights")
    {
        Description = $"A run's folder, a checkpoint, or weights (.safetensors, .gguf, Hugging Face folder, llm.c .bin); {otherwise} without it.",
        HelpName = "file|folder",
    };

    internal static Option<string?> WeightsOfRun() => Weights("runs/MODEL");

    internal static Option<bool> Json() => new("--json") { Description = "Print JSON for a script to read." };

    internal static Option<string?> TensorBoard() => new("--tensorboard")
    {
        Description = "Also write event files for TensorBoard, into the folder of --out or the one named: 'tensorboard --logdir runs' shows them.",
        Arity = ArgumentArity.ZeroOrOne,
        HelpName = "folder",
    };

    internal static Option<uint> Seed() => Number("--seed", "The seed of everything random.", 1337u);

    /// <summary>Whether an option is on the command line.</summary>
    internal static bool IsGiven(this ParseResult result, Option option) => result.GetResult(option) is { Implicit: false };

    /// <summary>An option with a number, read in the same way in every culture.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="description">What it means.</param>
    /// <param name="otherwise">The number where none is given.</param>
    /// <param name="least">The least that is allowed; null where that is checked later.</param>
    /// <param name="most">The most that is allowed, or null.</param>
    internal static Option<T> Number<T>(string name, string description, T otherwise, T? least = null, T? most = null)
        where T : struct, INumber<T> => new ShownOption<T>(name, otherwise.ToString(null, CultureInfo.InvariantCulture).ToLowerInvariant())
        {
            Description = description,
            DefaultValueFactory = _ => otherwise,
            HelpName = "number",
            CustomParser = result =>
            {
                var text = result.Tokens is [{ Value: var value }] ? value : "";
                var isNumber = T.TryParse(text, NumberStyles.Float & ~NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var number);
                if (isNumber && T.IsFinite(number) && !(number < least) && !(number > most))
                    return number;
                result.AddError(!isNumber ? $"{name} is '{text}', but must be {Kind<T>()}."
                    : !T.IsFinite(number) ? $"{name} is '{text}', but must be a finite number."
                    : string.Create(
                        CultureInfo.InvariantCulture,
                        $"{name} is {number}, but must be {(most is null ? $"at least {least}" : $"between {least} and {most}")}."));
                return default;
            },
        };

    /// <summary>An option with one of some names.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="description">What it means.</param>
    /// <param name="otherwise">The choice where none is given.</param>
    /// <param name="write">How a choice is written where that is not its name in lower case.</param>
    /// <param name="among">The choices; every value of the type without them.</param>
    internal static Option<T> Choice<T>(
        string name, string description, T otherwise, Func<T, string>? write = null, IEnumerable<T>? among = null)
        where T : struct, Enum
    {
        write ??= static value => value.ToString().ToLowerInvariant();
        // Not Enum.TryParse, which also takes numbers and combinations.
        var choices = (among ?? Enum.GetValues<T>()).ToDictionary(write, StringComparer.OrdinalIgnoreCase);
        var names = string.Join("|", choices.Keys);
        return new ShownOption<T>(name, write(otherwise))
        {
            Description = description,
            DefaultValueFactory = _ => otherwise,
            HelpName = names,
            CustomParser = result =>
            {
                var text = result.Tokens is [{ Value: var value }] ? value : "";
                if (choices.TryGetValue(text, out var choice))
                    return choice;
                result.AddError($"{name} is '{text}', but must be one of {names.Replace("|", ", ")}.");
                return default;
            },
        };
    }

    private static string Kind<T>() =>
        typeof(T) == typeof(uint) ? $"a whole number between 0 and {uint.MaxValue}"
        : typeof(T) == typeof(int) ? $"a whole number up to {int.MaxValue}"
        : "a number";
}
