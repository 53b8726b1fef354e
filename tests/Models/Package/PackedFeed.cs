using Xunit;

namespace GptGen.Models.Tests.Package;

/// <summary>All packages in one folder, packed once, with a version that no cache can hold.</summary>
public sealed class PackedFeed : IDisposable
{
    /// <summary>The tests that share it, or pack themselves: one after the other, as packing writes beside the sources.</summary>
    internal const string Collection = "packages";

    private readonly TemporaryFolder folder = new();

    public PackedFeed()
    {
        foreach (var project in (string[])["runtime", "runtime/Extensions.AI", "runtime/AspNetCore", "models", "templates"])
            Sdk.Pack(project, folder.File("feed"), Packages, $"-p:PackageVersion={Version}");
    }

    /// <summary>The version of each.</summary>
    public string Version { get; } = $"0.1.0-test.{Guid.NewGuid():N}";

    /// <summary>Where restored packages go.</summary>
    public string Packages => folder.File("packages");

    public void Dispose() => folder.Dispose();

    /// <summary>The file of a package.</summary>
    public string Package(string name)
    {
        var package = folder.File($"feed/{name}.{Version}.nupkg");
        Assert.True(File.Exists(package), $"{name} was not packed.");
        return package;
    }

    /// <summary>Writes the settings of a project whose packages come from here; what others they need was restored before.</summary>
    internal string WriteConfig(TemporaryFolder target, string project) => target.Write($"{project}/nuget.config", $"""
        <configuration>
          <packageSources>
            <clear />
            <add key="packed" value="{folder.File("feed")}" />
          </packageSources>
        </configuration>
        """);
}

[CollectionDefinition(PackedFeed.Collection)]
public sealed class PackedFeedCollection : ICollectionFixture<PackedFeed>;
