using System.IO.Compression;
using System.Text.RegularExpressions;
using Xunit;

namespace GptGen.Models.Tests.Package;

/// <summary>No two states of the sources give packages of one version, which a cache would take for each other.</summary>
[Collection(PackedFeed.Collection)]
public sealed class VersionTests : IDisposable
{
    private static readonly string[] BuildFiles =
    [
        "Directory.Build.props", "Directory.Build.targets", "Directory.Packages.props", "global.json", "README.md",
        "runtime/GptGen.Runtime.csproj", "runtime/Extensions.AI/GptGen.Extensions.AI.csproj",
        "runtime/AspNetCore/GptGen.AspNetCore.csproj",
    ];

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void EachCommitHasAVersionOfItsOwn()
    {
        var clone = Sources("clone");
        Sdk.Git(clone, "init", "-q");
        Commit(clone, "First");
        Assert.Equal("0.1.1", VersionOf(clone));
        Assert.Equal("0.1.1", VersionOf(clone, "runtime/Extensions.AI"));
        Assert.Equal("0.1.1", VersionOf(clone, "runtime/AspNetCore"));
        Commit(clone, "Second");
        Assert.Equal("0.1.2", VersionOf(clone));
        Assert.Equal("7.8.9", VersionOf(clone, "runtime", "-p:PackageVersion=7.8.9"));
        Assert.Equal("7.8.9", VersionOf(clone, "runtime", "-p:Version=7.8.9"));
        folder.Write("clone/tests/Note.cs", "// Not packed.");
        Assert.Equal("0.1.2", VersionOf(clone));

        folder.Write("clone/README.md", "Changed.");
        var changed = VersionOf(clone);
        Assert.Matches(@"^0\.1\.2\.\d+$", changed);
        Assert.Equal(changed, VersionOf(clone, "runtime/Extensions.AI"));
        Assert.Equal(changed, VersionOf(clone, "runtime/AspNetCore"));
        folder.Write("clone/runtime/New.cs", "// New.");
        var extended = VersionOf(clone);
        Assert.Matches(@"^0\.1\.2\.\d+$", extended);
        folder.Write("clone/runtime/New.cs", "// Changed again.");
        Assert.Equal(3, new[] { changed, extended, VersionOf(clone) }.Distinct().Count());
        Commit(clone, "Third");
        Assert.Equal("0.1.3", VersionOf(clone));
    }

    [Fact]
    public void SourcesWithoutHistoryBuildToo()
    {
        var outer = Path.GetDirectoryName(Sources("outer/archive"))!;
        Sdk.Git(outer, "init", "-q");
        Commit(outer, "Another project");
        Assert.Equal("0.1.0", VersionOf(folder.File("outer/archive")));

        var origin = Sources("origin");
        Sdk.Git(origin, "init", "-q");
        Commit(origin, "First");
        Commit(origin, "Second");
        Sdk.Git(folder.Path, "clone", "-q", "--depth", "1", new Uri(origin).AbsoluteUri, "shallow");
        var shallow = VersionOf(folder.File("shallow"));
        Assert.Matches(@"^0\.1\.0\.\d+$", shallow);
        Commit(folder.File("shallow"), "Third");
        Assert.NotEqual(shallow, VersionOf(folder.File("shallow")));
    }

    /// <summary>
    /// The adapters' package needs the runtime's of the same state, and the server's theirs, whatever was the state when packages were last restored.
    /// </summary>
    [Theory]
    [InlineData("Extensions.AI", "GptGen")]
    [InlineData("AspNetCore", "GptGen.Extensions.AI")]
    public void PackagesOfOneStateFitTogether(string project, string needed)
    {
        Sdk.Pack($"runtime/{project}", folder.File("feed"), folder.File("packages"));
        using var archive = ZipFile.OpenRead(Assert.Single(Directory.GetFiles(folder.File("feed"), "*.nupkg")));
        using var reader = new StreamReader(archive.GetEntry($"GptGen.{project}.nuspec")!.Open());
        var nuspec = reader.ReadToEnd();
        var version = Regex.Match(nuspec, "<version>(.*)</version>").Groups[1].Value;

        Assert.Equal(VersionOf(Sdk.Root), version);
        Assert.Contains($"<dependency id=\"{needed}\" version=\"{version}\"", nuspec);
    }

    private static void Commit(string repository, string message)
    {
        Sdk.Git(repository, "add", "--all");
        Sdk.Git(repository, "commit", "-q", "--allow-empty", "-m", message);
    }

    private string Sources(string name)
    {
        foreach (var file in BuildFiles)
            folder.Write($"{name}/{file}", File.ReadAllText(Path.Combine(Sdk.Root, file)));
        return folder.File(name);
    }

    private string VersionOf(string root, string project = "runtime", params string[] arguments) => Sdk.Dotnet(
        root, folder.File("packages"), ["msbuild", project, "-t:NumberPackage", "-getProperty:PackageVersion", .. arguments]).Trim();
}
