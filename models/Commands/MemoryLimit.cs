using System.Globalization;

namespace GptGen.Models.Commands;

/// <summary>How much memory this process can have, and what limits it.</summary>
/// <param name="Bytes">Bytes that it can still take.</param>
/// <param name="Cause">What limits them, to stand in brackets; empty for the machine itself.</param>
internal readonly record struct MemoryLimit(long Bytes, string Cause)
{
    /// <summary>What the program takes beside a model: code, texts, buffers.</summary>
    private const long Overhead = 64 << 20;

    /// <summary>The tightest limit: the machine's memory, the control groups of a container, and what <c>ulimit</c> sets.</summary>
    /// <param name="root">The folder in which the system shows itself; another in tests.</param>
    internal static MemoryLimit Find(string root = "/")
    {
        var limits = new List<MemoryLimit> { new(MachineBytes(root), "") };
        limits.AddRange(ControlGroupLimits.Of(root).Select(bytes => new MemoryLimit(
            bytes - StatusBytes(root, "VmRSS") - Overhead, "the limit of its container or control group")));
        if (ResourceLimit(root, "Max address space") is { } addresses)
            limits.Add(new(addresses - StatusBytes(root, "VmSize") - Overhead, "of address space, which ulimit -v limits"));
        if (ResourceLimit(root, "Max data size") is { } data)
            limits.Add(new(data - StatusBytes(root, "VmData") - Overhead, "of data, which ulimit -d limits"));
        var tightest = limits.MinBy(static limit => limit.Bytes);
        return tightest with { Bytes = Math.Max(0, tightest.Bytes) };
    }

    // Not what the garbage collector says: within a container that is three quarters, its own share, and weights are not in its heap.
    private static long MachineBytes(string root) => KilobytesOf(root, "proc/meminfo", "MemTotal") ?? GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;

    private static long StatusBytes(string root, string key) => KilobytesOf(root, "proc/self/status", key) ?? 0;

    /// <summary>The value of a line "key:   123 kB", in bytes.</summary>
    private static long? KilobytesOf(string root, string file, string key)
    {
        var line = SystemFile.Lines(root, file).FirstOrDefault(line => line.StartsWith(key + ":", StringComparison.Ordinal));
        return line is not null && long.TryParse(
            line[(key.Length + 1)..].Replace("kB", ""), NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite,
            CultureInfo.InvariantCulture, out var kilobytes)
            ? kilobytes << 10
            : null;
    }

    /// <summary>The soft limit of a line "name   soft   hard   bytes"; null where there is none.</summary>
    private static long? ResourceLimit(string root, string name)
    {
        var line = SystemFile.Lines(root, "proc/self/limits").FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal));
        return line?[name.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries) is [var soft, ..]
            && long.TryParse(soft, NumberStyles.None, CultureInfo.InvariantCulture, out var bytes) ? bytes : null;
    }
}
