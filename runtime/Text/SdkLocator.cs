using System.Runtime.InteropServices;

namespace GptGen.Text;

/// <summary>Finds the folders in which .NET SDKs are installed, the one that runs this program first.</summary>
internal static class SdkLocator
{
    private static readonly string s_hostName = OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet";

    /// <summary>Existing installation folders, each once. A relative path means the working folder, which nobody chose: it is left out.</summary>
    public static IEnumerable<string> Installations() =>
        Candidates()
            .Where(folder => Path.IsPathFullyQualified(folder ?? "") && Directory.Exists(folder))
            .Select(folder => Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder!)))
            .Distinct(StringComparer.Ordinal);

    /// <summary>A folder's version; a preview comes before its release.</summary>
    internal static (Version Version, bool IsRelease, string Name) VersionOf(string folder)
    {
        var name = Path.GetFileName(folder);
        var dash = name.IndexOf('-');
        return (Version.TryParse(dash < 0 ? name : name[..dash], out var version) ? version : new Version(), dash < 0, name);
    }

    /// <summary>By what texts are shuffled: FNV-1a, because the hash of a string differs from run to run in .NET.</summary>
    internal static ulong Hash(string text)
    {
        var hash = 14695981039346656037;
        foreach (var character in text)
            hash = (hash ^ character) * 1099511628211;
        return hash;
    }

    private static IEnumerable<string?> Candidates()
    {
        yield return FolderOfHost(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH"));
        yield return FolderOfHost(Environment.ProcessPath);
        yield return Environment.GetEnvironmentVariable("DOTNET_ROOT");
        yield return Environment.GetEnvironmentVariable($"DOTNET_ROOT_{RuntimeInformation.ProcessArchitecture.ToString().ToUpperInvariant()}");

        // <installation>/shared/Microsoft.NETCore.App/<version>/
        yield return Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..");

        foreach (var folder in (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator))
            yield return FolderOfHost(Path.Combine(folder, s_hostName));

        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        yield return Path.Combine(home, ".dotnet");
        if (OperatingSystem.IsWindows())
        {
            yield return Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.ProgramFiles), "dotnet");
        }
        else
        {
            foreach (var folder in (string[])[
                "/usr/share/dotnet", "/usr/lib/dotnet", "/usr/lib64/dotnet", "/usr/local/share/dotnet", "/opt/dotnet", "/snap/dotnet-sdk/current"])
                yield return folder;
        }
    }

    /// <summary>The folder of a <c>dotnet</c> program, behind any symbolic links.</summary>
    private static string? FolderOfHost(string? path)
    {
        if (path is null || !Path.IsPathFullyQualified(path) || Path.GetFileName(path) != s_hostName || !File.Exists(path))
            return null;

        return Path.GetDirectoryName(File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path);
    }
}
