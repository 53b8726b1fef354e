using System.Globalization;
using System.IO.Compression;
using System.Text.RegularExpressions;
using Xunit;

namespace GptGen.Models.Tests.Package;

/// <summary>The package as its user meets it: packed, restored from a folder, and running the README's own example.</summary>
[Collection(PackedFeed.Collection)]
public sealed class ReadmeExampleTests(PackedFeed feed) : IDisposable
{
    private const string Heading = "## A model of your own";
    private const string ExtensionHeading = "### In an application that uses Microsoft.Extensions.AI";
    private const string ModelClass = "[Gpt2(";

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void TheReadmesExampleRunsOnThePackedPackage()
    {
        var version = feed.Version;
        HoldsWhatItShould(feed.Package("GptGen"));

        WriteProject(
            "user", Together(Example(Heading), Example(ExtensionHeading)),
            $"""<PackageReference Include="GptGen" Version="{version}" /><PackageReference Include="GptGen.Extensions.AI" Version="{version}" />""");
        var lines = Sdk.Dotnet(folder.File("user"), feed.Packages, "run", "-c", "Release", "-p:UseSharedCompilation=false").Split('\n');

        var steps = lines.Select(line => Regex.Match(line, @"^(\d+): (\d+\.\d{3})$")).TakeWhile(match => match.Success)
            .Select(
                match => (Step: int.Parse(match.Groups[1].Value), Loss: double.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture))).ToArray();
        Assert.Equal(Enumerable.Range(1, steps.Length), steps.Select(step => step.Step));
        Assert.InRange(steps[0].Loss, 5, 6);
        Assert.InRange(steps[^1].Loss, 1, steps[0].Loss - 1);
        Assert.True(lines.Skip(steps.Length).Sum(line => line.Length) > 50, "No text was written.");
        Assert.Contains(lines, line => Regex.IsMatch(line, @"^gears and wheels: -?[01]\.\d{3}$"));
        Assert.Single(Directory.GetFiles(Path.Combine(folder.File("user"), "runs", "my-gpt"), "step-*.safetensors"));

        NativeCodeHasVectors("user");
        WriteProject("onward", "", $"""<PackageReference Include="GptGen.Extensions.AI" Version="{version}" />""");
        Sdk.Dotnet(folder.File("onward"), feed.Packages, "restore");
        NativeCodeHasVectors("onward");
    }

    /// <summary>A native build of a project with the package has AVX2 on x64, unless the project says otherwise.</summary>
    private void NativeCodeHasVectors(string project)
    {
        string InstructionSet(params string[] properties) => Sdk.Dotnet(
            folder.File(project), feed.Packages,
            ["msbuild", "-getProperty:IlcInstructionSet", .. properties.Select(property => "-p:" + property)]).Trim();

        Assert.Equal("x86-64-v3", InstructionSet("PublishAot=true", "RuntimeIdentifier=linux-x64"));
        Assert.Equal("x86-64-v3", InstructionSet("PublishAot=true", "RuntimeIdentifier=win-x64"));
        Assert.Equal("", InstructionSet("PublishAot=true", "RuntimeIdentifier=linux-arm64"));
        Assert.Equal("native", InstructionSet("PublishAot=true", "RuntimeIdentifier=linux-x64", "IlcInstructionSet=native"));
        Assert.Equal("", InstructionSet("RuntimeIdentifier=linux-x64"));

        string SecondProgram(params string[] properties) => Sdk.Dotnet(
            folder.File(project), feed.Packages,
            ["msbuild", "-getProperty:GptGenAvx512Program", .. properties.Select(property => "-p:" + property)]).Trim();

        var expected = OperatingSystem.IsLinux() ? "true" : "";
        Assert.Equal(expected, SecondProgram("PublishAot=true", "RuntimeIdentifier=linux-x64", "OutputType=Exe"));
        Assert.Equal("", SecondProgram("PublishAot=true", "RuntimeIdentifier=linux-x64", "IlcInstructionSet=native"));
        Assert.Equal("", SecondProgram("PublishAot=true", "RuntimeIdentifier=linux-arm64"));
    }

    /// <summary>The library with its documentation, the generator and its code fixes, and nothing of the compiler's.</summary>
    private static void HoldsWhatItShould(string package)
    {
        using var archive = ZipFile.OpenRead(package);
        var names = archive.Entries.Select(entry => entry.FullName).ToArray();
        Assert.Equal(
            [
                "analyzers/dotnet/cs/GptGen.CodeFixes.dll", "analyzers/dotnet/cs/GptGen.Generator.dll", "lib/net10.0/GptGen.Runtime.dll",
                "lib/net10.0/GptGen.Runtime.xml"],
            names.Where(name => name.StartsWith("analyzers/", StringComparison.Ordinal) || name.StartsWith("lib/", StringComparison.Ordinal))
                .Order(StringComparer.Ordinal));
        Assert.Contains("README.md", names);
        Assert.Contains("build/GptGen.targets", names);
        Assert.Contains("buildTransitive/GptGen.targets", names);
        using var reader = new StreamReader(archive.GetEntry("GptGen.nuspec")!.Open());
        var nuspec = reader.ReadToEnd();
        Assert.Contains("<license type=\"expression\">MIT</license>", nuspec);
        Assert.Equal(
            ["SharpToken", "System.IO.Hashing"], Regex.Matches(nuspec, "<dependency id=\"([^\"]+)\"").Select(match => match.Groups[1].Value));
    }

    private void WriteProject(string name, string program, string packages)
    {
        folder.Write($"{name}/Program.cs", program);
        folder.Write($"{name}/User.csproj", $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <Nullable>enable</Nullable>
                <ImplicitUsings>enable</ImplicitUsings>
                <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
              </PropertyGroup>
              <ItemGroup>
                {packages}
              </ItemGroup>
            </Project>
            """);
        feed.WriteConfig(folder, name);
    }

    /// <summary>One program of two examples, of which the second goes on where the first one's statements end.</summary>
    private static string Together(string first, string second)
    {
        var (usings, modelClass) = (second.IndexOf("\n\n", StringComparison.Ordinal), first.IndexOf(ModelClass, StringComparison.Ordinal));
        return $"{second[..usings]}\n{first[..modelClass]}{second[usings..]}\n{first[modelClass..]}";
    }

    /// <summary>The C# of a section of the README, to the letter.</summary>
    private static string Example(string heading)
    {
        var readme = File.ReadAllText(Path.Combine(Sdk.Root, "README.md"));
        var section = readme[readme.IndexOf(heading, StringComparison.Ordinal)..];
        return Regex.Match(section, "```csharp\n(.*?)```", RegexOptions.Singleline) is { Success: true } match
            ? match.Groups[1].Value
            : throw new InvalidOperationException($"README.md has no C# after '{heading}'.");
    }
}
