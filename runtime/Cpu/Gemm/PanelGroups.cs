namespace GptGen.Cpu;

/// <summary>
/// Panels in the groups that workers claim: large ones first, in which a packed panel of the other operand serves many, and small ones at the end, so
/// that nobody waits long for the worker that claimed last.
/// </summary>
/// <param name="panels">How many there are.</param>
/// <param name="large">Panels in a large group.</param>
/// <param name="workers">How many claim.</param>
internal readonly struct PanelGroups(nint panels, nint large, int workers)
{
    /// <summary>Small groups that take the place of a large one.</summary>
    private const int SmallInLarge = 4;

    private readonly nint largeGroups = workers == 1 ? panels / large : Math.Max(0, panels / large - workers);
    private readonly nint small = workers == 1 ? large : Math.Max(1, large / SmallInLarge);

    /// <summary>How many groups there are.</summary>
    public nint Count => largeGroups + (panels - largeGroups * large + small - 1) / small;

    /// <summary>The first panel of a group, which is the end of the one before.</summary>
    public nint First(nint group) =>
        group <= largeGroups ? group * large : Math.Min(panels, largeGroups * large + (group - largeGroups) * small);
}
