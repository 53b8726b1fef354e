using Xunit;

namespace GptGen.Generator.Tests.Verify;

public sealed class VerifierTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("gptgen-verify-").FullName;

    private string Stem => Path.Combine(folder, "Example.Case");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task A_new_value_is_received_and_not_accepted()
    {
        Assert.Contains("does not exist", await Verifier.Compare("a\n", Stem, accept: false));
        Assert.Equal("a\n", await File.ReadAllTextAsync(Stem + ".received.cs"));
        Assert.False(File.Exists(Stem + ".verified.cs"));
    }

    [Fact]
    public async Task A_difference_is_shown_line_by_line()
    {
        await File.WriteAllTextAsync(Stem + ".verified.cs", "same\nold\n");

        var message = await Verifier.Compare("same\nnew\n", Stem, accept: false);

        Assert.Contains("- old\n+ new\n", message);
        Assert.DoesNotContain("same", message);
        Assert.Equal("same\nold\n", await File.ReadAllTextAsync(Stem + ".verified.cs"));
    }

    [Fact]
    public async Task An_equal_value_removes_what_was_received()
    {
        await File.WriteAllTextAsync(Stem + ".verified.cs", "a\n");
        await File.WriteAllTextAsync(Stem + ".received.cs", "b\n");

        Assert.Null(await Verifier.Compare("a\n", Stem, accept: false));
        Assert.False(File.Exists(Stem + ".received.cs"));
    }

    [Fact]
    public async Task Accepting_writes_the_verified_file()
    {
        Assert.Null(await Verifier.Compare("a\n", Stem, accept: true));
        Assert.Equal("a\n", await File.ReadAllTextAsync(Stem + ".verified.cs"));
    }
}
