using System.Diagnostics;
using System.Reflection;
using System.Runtime.CompilerServices;
using Xunit;

namespace GptGen.Models.Tests.Package;

/// <summary>
/// Runs the SDK, and git, as a package's author and user do. Packages other than ours are taken from the ordinary folder where they are there
/// already, and no process of a build stays behind with the output's pipe in hand.
/// </summary>
internal static class Sdk
{
    private static readonly TimeSpan TimeLimit = TimeSpan.FromMinutes(4);

    /// <summary>The repository's root.</summary>
    public static string Root { get; } = Path.GetFullPath(Path.Combine(Folder(), "..", "..", ".."));

    /// <summary>The configuration that these tests were built in, as were the projects that they pack.</summary>
    public static string Configuration { get; } = typeof(Sdk).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()!.Configuration;

    /// <summary>Runs dotnet, which must succeed, with a package folder of its own, and gives its output.</summary>
    public static string Dotnet(string workingFolder, string packages, params string[] arguments)
    {
        var ordinary = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        return Run("dotnet", workingFolder, arguments, new()
        {
            ["NUGET_PACKAGES"] = packages,
            ["NUGET_FALLBACK_PACKAGES"] = Directory.Exists(ordinary) ? ordinary : "",
            ["MSBUILDDISABLENODEREUSE"] = "1",
            ["DOTNET_CLI_USE_MSBUILD_SERVER"] = "0",
        });
    }

    /// <summary>Packs one of the repository's projects, which is built already, into a folder.</summary>
    public static void Pack(string project, string folder, string packages, params string[] arguments) =>
        Dotnet(Root, packages, ["pack", project, "--no-build", "-c", Configuration, "-o", folder, .. arguments]);

    /// <summary>Runs git, which must succeed, with an author and without a user's settings.</summary>
    public static string Git(string workingFolder, params string[] arguments) => Run(
        "git", workingFolder, ["-c", "user.name=Author", "-c", "user.email=author@example.org", "-c", "commit.gpgsign=false", .. arguments], []);

    /// <summary>Runs a program, which must succeed, and gives its output.</summary>
    public static string Run(string program, string workingFolder, string[] arguments, Dictionary<string, string> environment)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = workingFolder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(TimeLimit))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"{program} {string.Join(' ', arguments)} ran longer than {TimeLimit}.");
        }

        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}: {output.Result}{error.Result}");
        return output.Result;
    }

    private static string Folder([CallerFilePath] string file = "") => Path.GetDirectoryName(file)!;
}
