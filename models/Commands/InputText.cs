using System.CommandLine;
using System.Text;
using System.Text.Unicode;
using GptGen.Text;

namespace GptGen.Models.Commands;

/// <summary>A text that a command works on: from an option, a file or standard input.</summary>
/// <param name="what">What the text is, for people.</param>
internal sealed class InputText(string what)
{
    /// <summary>The text itself.</summary>
    internal Option<string?> Text { get; } = new("--text") { Description = $"The {what}.", HelpName = "text" };

    /// <summary>Its file.</summary>
    internal Option<string?> File { get; } = new("--file")
    {
        Description = $"A UTF-8 file with the {what}; standard input without it.",
        HelpName = "file",
    };

    /// <summary>Reads the text.</summary>
    /// <exception cref="GptGenException">There is none, it is not UTF-8, or both options are given.</exception>
    internal string Read(ParseResult result)
    {
        var (text, file) = (result.GetValue(Text), result.GetValue(File));
        if (text is not null && file is not null)
            throw new GptGenException($"--text and --file both give the {what}: give one of them.");
        return text ?? (file is not null ? ReadFile(file) : ReadInput());
    }

    /// <summary>The text of one file.</summary>
    /// <exception cref="GptGenException">The file cannot be read, is empty, or is not UTF-8.</exception>
    internal static string ReadFile(string path) => Encoding.UTF8.GetString(TextCorpus.Load(path).Documents[0]);

    private string ReadInput()
    {
        if (!Console.IsInputRedirected)
            throw new GptGenException($"There is no {what}: give it with --text or --file, or on standard input.");
        using var bytes = new MemoryStream();
        using (var input = Console.OpenStandardInput())
            input.CopyTo(bytes);
        var text = bytes.GetBuffer().AsSpan(0, (int)bytes.Length);
        return Utf8.IsValid(text)
            ? Encoding.UTF8.GetString(text)
            : throw new GptGenException($"The {what} on standard input is not UTF-8: convert it to UTF-8.");
    }
}
