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
