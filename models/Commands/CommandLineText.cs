namespace GptGen.Models.Commands;

/// <summary>
/// The runtime's messages as people who use the command line read them: it speaks of classes and properties, they know models and options.
/// </summary>
internal static class CommandLineText
{
    /// <summary>A message with the names that people know. What it quotes, such as a path, stays as it is.</summary>
    internal static string Of(string message) => ModelNames.Translate(OptionNames.Translate(message));
}
