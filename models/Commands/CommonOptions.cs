using System.CommandLine;

namespace GptGen.Models.Commands;

/// <summary>Options that several commands share.</summary>
internal static class CommonOptions
{
    internal static Option<string> Model() => new("--model") { Description = "The model, as 'gptgen models' lists it.", DefaultValueFactory = _ => "gpt2-nano" };

    internal static Option<string[]> Data() => new("--data")
    {
        Description = "Files or folders of UTF-8 text; the .NET SDK's English documentation without it.",
        AllowMultipleArgumentsPerToken = true,
    };

    internal static Option<string?> Tokenizer() => new("--tokenizer")
    {
        Description = "bytes, gpt2, or a folder with vocab.json and merges.txt; what fits the model without it.",
    };

    internal static Option<string> Weights(string otherwise) => new("--weights")
    {
        Description = "A run's folder, a checkpoint, or weights (.safetensors, Hugging Face folder, llm.c .bin).",
        DefaultValueFactory = _ => otherwise,
    };

    internal static Option<int> Threads() => new("--threads") { Description = "Threads; 0 means every core." };

    internal static Option<string> Device() => new("--device") { Description = "cpu or auto.", DefaultValueFactory = _ => "auto" };

    internal static Option<bool> Json() => new("--json") { Description = "Print JSON for a script to read." };

    internal static Option<uint> Seed() => new("--seed") { Description = "The seed of everything random.", DefaultValueFactory = _ => 1337u };

    internal static Option<T> Number<T>(string name, string description, T otherwise) =>
        new(name) { Description = description, DefaultValueFactory = _ => otherwise };
}
