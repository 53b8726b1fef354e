namespace GptGen.Models;

/// <summary>A model of the zoo.</summary>
/// <param name="Name">As <c>--model</c> names it.</param>
/// <param name="Description">What is known at compile time.</param>
/// <param name="Create">Makes one, its weights zero.</param>
public sealed record ZooEntry(string Name, ModelDescription Description, Func<Device, LanguageModel> Create);

/// <summary>Every model that the command line knows. A new one adds its class and its line here.</summary>
public static class Zoo
{
    /// <summary>The models, smallest first.</summary>
    public static IReadOnlyList<ZooEntry> Models { get; } =
    [
        Entry<Gpt2Nano>("gpt2-nano"),
        Entry<Gpt1Nano>("gpt1-nano"),
        Entry<Gpt1Mini>("gpt1-mini"),
        Entry<Gpt1Mini4K>("gpt1-mini-4k"),
        Entry<Gpt2Mini>("gpt2-mini"),
        Entry<Gpt2Mini4K>("gpt2-mini-4k"),
        Entry<Gpt1>("gpt1"),
        Entry<Gpt2Small>("gpt2-small"),
        Entry<Gpt2Medium>("gpt2-medium"),
        Entry<Gpt2Large>("gpt2-large"),
        Entry<Gpt2XL>("gpt2-xl"),
    ];

    /// <summary>The model that commands take when none is named: it trains in minutes.</summary>
    public static ZooEntry Default => Models[0];

    /// <summary>The model of a name.</summary>
    /// <exception cref="GptGenException">There is none.</exception>
    public static ZooEntry Find(string name) =>
        Models.FirstOrDefault(entry => entry.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
        ?? throw new GptGenException($"There is no model '{name}': choose one of {string.Join(", ", Models.Select(entry => entry.Name))}.");

    private static ZooEntry Entry<TModel>(string name)
        where TModel : LanguageModel, ILanguageModel<TModel> =>
        new(name, TModel.Specification, TModel.Create);
}
