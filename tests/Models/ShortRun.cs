using System.Diagnostics;

namespace GptGen.Models.Tests;

/// <summary>A run of the program beside others, which ends soon.</summary>
internal static class ShortRun
{
    /// <summary>The variable that says after how long methods are compiled a second time.</summary>
    public const string CountingDelay = "DOTNET_TC_CallCountingDelayMs";

    /// <summary>
    /// Several tests share the cores, where threads of one run would wait for each other: a run has several where it asks for them. Most end before
    /// methods that are compiled a second time, for speed, pay for it.
    /// </summary>
    public static void Prepare(ProcessStartInfo start)
    {
        start.Environment.TryAdd("DOTNET_PROCESSOR_COUNT", "1");
        start.Environment.TryAdd(CountingDelay, "3E8");
    }
}
