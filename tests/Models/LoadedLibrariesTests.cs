using Xunit;

namespace GptGen.Models.Tests;

public sealed class LoadedLibrariesTests
{
    [Fact]
    public async Task TheServersFrameworkIsNotLoadedToTrain()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "What a process has loaded is read from /proc.");
        Assert.SkipUnless(CommandLine.Program[0] == "dotnet", "A native program has everything in one file.");
        using var folder = new TemporaryFolder();
        using var process = CommandLine.Start(["train", "--steps", "100000", "--out", folder.File("run")]);
        try
        {
            Assert.Contains("parameters", await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));
            var loaded = await File.ReadAllTextAsync($"/proc/{process.Id}/maps", TestContext.Current.CancellationToken);
            Assert.Contains("GptGen.Runtime.dll", loaded);
            Assert.DoesNotContain("Microsoft.AspNetCore", loaded);
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        }
    }
}
