using GptGen.Cpu;
using Xunit;

namespace GptGen.Runtime.Tests.Cpu;

/// <summary>The vector widths that this machine can run, by name, because the type itself is internal.</summary>
public static class Levels
{
    public static TheoryData<string> Available => [.. SimdHardware.Available.Select(level => level.ToString())];

    public static TheoryData<string, bool, bool> WithLayouts()
    {
        var data = new TheoryData<string, bool, bool>();
        foreach (SimdLevel level in SimdHardware.Available)
        {
            data.Add(level.ToString(), false, false);
            data.Add(level.ToString(), false, true);
            data.Add(level.ToString(), true, false);
            data.Add(level.ToString(), true, true);
        }

        return data;
    }

    internal static SimdLevel Parse(string level) => Enum.Parse<SimdLevel>(level);
}
