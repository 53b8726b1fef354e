namespace GptGen.Checkpoints;

/// <summary>Names in a message.</summary>
internal static class Listing
{
    private const int Shown = 4;

    /// <summary>The first names, quoted and short, and how many more there are.</summary>
    internal static string Of(IReadOnlyCollection<string> names)
    {
        var listing = string.Join(", ", names.Take(Shown).Select(static name => $"'{MessageText.Shorten(name)}'"));
        return names.Count > Shown ? $"{listing} and {names.Count - Shown} more" : listing;
    }
}
