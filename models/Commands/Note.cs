namespace GptGen.Models.Commands;

/// <summary>What a command says beside its result, on standard error.</summary>
internal static class Note
{
    private static readonly HashSet<string> s_shown = [];
    private static bool s_isSilent;

    /// <summary>From here on notes are shown, of which none was yet.</summary>
    internal static void Begin()
    {
        s_shown.Clear();
        s_isSilent = false;
    }

    /// <summary>From here on no note is shown.</summary>
    internal static void Silence() => s_isSilent = true;

    /// <summary>Shows a note, once however often it is said. Given to what reads files, as the place for what a user should know of them.</summary>
    internal static void Show(string text)
    {
        var line = MessageText.OneLine(CommandLineText.Of(text));
        lock (s_shown)
        {
            if (s_shown.Add(line) && !s_isSilent)
                Console.Error.WriteLine($"note: {line}");
        }
    }
}
