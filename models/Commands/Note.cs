namespace GptGen.Models.Commands;

/// <summary>What a command says beside its result, on standard error.</summary>
internal static class Note
{
    private static readonly HashSet<string> s_shown = [];

    /// <summary>Shows a note, once however often it is said. Given to what reads files, as the place for what a user should know of them.</summary>
    internal static void Show(string text)
    {
        var line = MessageText.OneLine(ModelNames.Translate(text));
        lock (s_shown)
        {
            if (s_shown.Add(line))
                Console.Error.WriteLine($"note: {line}");
        }
    }
}
