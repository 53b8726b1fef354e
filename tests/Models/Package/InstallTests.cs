using System.Diagnostics;
using System.IO.Compression;
using System.Net.Http.Json;
using System.Text.RegularExpressions;
using Xunit;

namespace GptGen.Models.Tests.Package;

/// <summary>What a newcomer installs, from a folder of packages into empty folders: the tool, the templates, and what they make.</summary>
[Collection(PackedFeed.Collection)]
public sealed class InstallTests(PackedFeed feed) : IDisposable
{
    private static readonly TimeSpan s_timeLimit = TimeSpan.FromMinutes(2);

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void TheToolTrainsAndWrites()
    {
        var tools = folder.File("tools");
        var config = feed.WriteConfig(folder, "work");
        Dotnet(
            "work", "tool", "install", "GptGen.CommandLine", "--tool-path", tools, "--version", feed.Version, "--configfile", config);
        var tool = Path.Combine(tools, "gptgen");
        Assert.Contains("train", Sdk.Run(tool, folder.File("work"), ["--help"], []));
        folder.Write("work/text.txt", TinyRun.Text);
        Sdk.Run(tool, folder.File("work"), TinyRun.Arguments("text.txt", "run", steps: 2, saveEvery: 0), []);
        Assert.NotEmpty(Sdk.Run(tool, folder.File("work"), ["generate", "--weights", "run", "--tokens", "5"], []));
    }

    [Fact]
    public async Task TheTemplatesMakeProgramsThatRun()
    {
        Dotnet("", "new", "install", feed.Package("GptGen.Templates"), "--debug:custom-hive", folder.File("hive"));
        Make("gptgen", "MyModel", "--layers", "2", "--width", "32", "--context", "32");
        folder.Write("MyModel/text.txt", TinyRun.Text);
        Dotnet("MyModel", "build", "-c", "Release", "-p:UseSharedCompilation=false", "-warnaserror");
        var program = Path.Combine("bin", "Release", "net10.0", "MyModel.dll");
        Assert.Contains("34,688 parameters", Dotnet("MyModel", program));
        Assert.Contains("saved: ", Dotnet("MyModel", program, "train", "10", "text.txt"));
        Assert.StartsWith("The gear", Dotnet("MyModel", program, "generate", "The", "gear"));

        Make("gptgen-web", "MyChat", "--layers", "2", "--width", "32", "--context", "32");
        Dotnet("MyChat", "build", "-c", "Release", "-p:UseSharedCompilation=false", "-warnaserror");
        await Chat(folder.File("MyModel/runs/my-gpt"));
    }

    [Theory]
    [InlineData("GptGen", true)]
    [InlineData("GptGen.Extensions.AI", true)]
    [InlineData("GptGen.CommandLine", false)]
    [InlineData("GptGen.Templates", false)]
    public void PackagesSayWhatTheyAre(string name, bool isLibrary)
    {
        using var archive = ZipFile.OpenRead(feed.Package(name));
        var nuspec = Read(archive, $"{name}.nuspec");
        foreach (var part in (string[])[
            "<license type=\"expression\">MIT</license>", "<icon>icon.png</icon>", "<readme>README.md</readme>", "<tags>gpt ",
            "<repository type=\"git\""])
            Assert.Contains(part, nuspec);
        Assert.NotNull(archive.GetEntry("icon.png"));
        // Where a package is shown, the repository's folders are not.
        Assert.All(
            Regex.Matches(Read(archive, "README.md"), @"\]\(([^)]*)\)"), link => Assert.StartsWith("https://", link.Groups[1].Value));
        Assert.Equal(isLibrary, File.Exists(Path.ChangeExtension(feed.Package(name), ".snupkg")));
    }

    private static string Read(ZipArchive archive, string name)
    {
        using var reader = new StreamReader(archive.GetEntry(name)!.Open());
        return reader.ReadToEnd();
    }

    private string Dotnet(string project, params string[] arguments) => Sdk.Dotnet(folder.File(project), feed.Packages, arguments);

    private void Make(string template, string name, params string[] options)
    {
        feed.WriteConfig(folder, name);
        Dotnet(
            name, ["new", template, "-n", name, "-o", ".", "--debug:custom-hive", folder.File("hive"), .. options]);
    }

    /// <summary>Starts the page, asks for it, and asks a question.</summary>
    private async Task Chat(string weights)
    {
        var start = new ProcessStartInfo("dotnet", [
            Path.Combine("bin", "Release", "net10.0", "MyChat.dll"), "--weights", weights, "--urls", "http://127.0.0.1:0"])
        {
            WorkingDirectory = folder.File("MyChat"),
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(start)!;
        try
        {
            using var limit = new CancellationTokenSource(s_timeLimit);
            string? address = null;
            while (address is null && await process.StandardOutput.ReadLineAsync(limit.Token) is { } line)
                address = Regex.Match(line, "http://127.0.0.1:[0-9]+") is { Success: true } match ? match.Value : null;
            Assert.NotNull(address);
            using var client = new HttpClient { BaseAddress = new(address) };
            Assert.Contains("<title>MyChat</title>", await client.GetStringAsync("/", limit.Token));
            var answer = await client.PostAsJsonAsync("/chat", new[] { new { isOurs = false, text = "Which gear?" } }, limit.Token);
            Assert.True(answer.IsSuccessStatusCode, $"{answer.StatusCode}");
            Assert.NotEmpty(await answer.Content.ReadAsStringAsync(limit.Token));
        }
        finally
        {
            process.Kill(entireProcessTree: true);
        }
    }
}
