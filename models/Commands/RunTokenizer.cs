using GptGen.Text;

namespace GptGen.Models.Commands;

/// <summary>
/// What a run's folder says of its tokenizer. A vocabulary's files are copied into the folder, which can then be moved and shared; earlier runs name
/// the full path of the vocabulary's folder instead.
/// </summary>
internal static class RunTokenizer
{
    /// <summary>The name of the tokenizer whose files lie in the run's own folder.</summary>
    private const string Own = ".";

    /// <summary>The name that a run is to remember.</summary>
    internal static string Name(Tokenizer tokenizer) =>
        tokenizer.Container is not null || Tokenizer.IsIn(tokenizer.Name) ? Own : tokenizer.Name;

    /// <summary>The tokenizer's name or folder from what a run remembers.</summary>
    /// <param name="name">What it remembers.</param>
    /// <param name="run">The run's folder, or a file in it.</param>
    internal static string Find(string name, string run)
    {
        if (name != Own)
            return name;
        // In full: a run's folder may be called gpt2 or bytes, as tokenizers are.
        var path = Path.GetFullPath(run);
        return Directory.Exists(path) ? path : Path.GetDirectoryName(path)!;
    }
}
