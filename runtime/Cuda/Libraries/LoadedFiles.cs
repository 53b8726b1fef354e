using System.Diagnostics;
using System.Text.RegularExpressions;

namespace GptGen.Cuda.Libraries;

/// <summary>What the files of loaded libraries tell about themselves.</summary>
internal static partial class LoadedFiles
{
    private const string DriverVersionFile = "/proc/driver/nvidia/version";

    /// <summary>The file behind a library, links followed; its bare name where the system does not tell.</summary>
    public static string FullPath(LoadedLibrary library)
    {
        var path = Path.IsPathRooted(library.Path) ? library.Path : ModulePath(library.Path) ?? library.Path;
        try
        {
            return File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return path;
        }
    }

    /// <summary>The version at the end of a library's file name, as in <c>libcublas.so.13.1.0.3</c>; null when there is none.</summary>
    public static string? VersionInName(SearchResult search) =>
        search.Found is { } found && Version().Match(FullPath(found)) is { Success: true } match ? match.Groups[1].Value : null;

    /// <summary>The version of NVIDIA's driver as its kernel module tells it, as "580.65.06"; null where it does not.</summary>
    public static string? DriverVersion()
    {
        try
        {
            return File.Exists(DriverVersionFile) && ModuleVersion().Match(File.ReadAllText(DriverVersionFile)) is { Success: true } match
                ? match.Groups[1].Value
                : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static string? ModulePath(string name)
    {
        using var process = Process.GetCurrentProcess();
        foreach (ProcessModule module in process.Modules)
        {
            // The loader follows links, so what is mapped may have more version numbers than what was asked for.
            if (Path.GetFileName(module.FileName) is { } file
                && file.StartsWith(Path.GetFileNameWithoutExtension(name), StringComparison.OrdinalIgnoreCase))
                return module.FileName;
        }

        return null;
    }

    [GeneratedRegex(@"\.so\.([0-9.]+)$")]
    private static partial Regex Version();

    [GeneratedRegex(@"Kernel Module[^0-9]*(?:for \S+\s+)?([0-9]+\.[0-9.]+)")]
    private static partial Regex ModuleVersion();
}
