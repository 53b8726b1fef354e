namespace GptGen.Cuda.Libraries;

/// <summary>The machine's PCI devices, which show a GPU also where its driver is missing.</summary>
internal static class PciBus
{
    private const string Nvidia = "0x10de";

    /// <summary>Classes 0x03…: display controllers, those without an outlet included.</summary>
    private const string DisplayController = "0x03";

    /// <summary>Whether there is an NVIDIA GPU; null where the system does not tell.</summary>
    public static bool? HasNvidiaGpu(SearchSystem system)
    {
        if (system.IsWindows)
            return null;
        var devices = FolderPattern.Expand(system.Root + "/sys/bus/pci/devices/*").ToList();
        return devices.Count == 0
            ? null
            : devices.Any(static device => Begins(device, "vendor", Nvidia) && Begins(device, "class", DisplayController));
    }

    private static bool Begins(string device, string file, string start)
    {
        try
        {
            return File.ReadAllText(Path.Combine(device, file)).StartsWith(start, StringComparison.OrdinalIgnoreCase);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
