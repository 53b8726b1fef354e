using System.Diagnostics;
using GptGen.Files;
using Xunit;

namespace GptGen.Runtime.Tests.Files;

public sealed class FileStatusTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void KindsAreToldApart()
    {
        var file = folder.Write("file", [1, 2, 3]);
        Assert.Equal((FileKind.File, 3), (FileStatus.Of(file).Kind, FileStatus.Of(file).Length));
        Assert.Equal(FileKind.Folder, FileStatus.Of(folder.Path).Kind);
        Assert.Equal(FileKind.Missing, FileStatus.Of(folder.File("none")).Kind);
        Assert.Equal(FileKind.Missing, FileStatus.Of(Path.Combine(file, "none")).Kind);
    }

    [Fact]
    public void WhatOnlyUnixHasIsToldApart()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Linux only.");
        var pipe = folder.File("pipe");
        Process.Start("mkfifo", [pipe]).WaitForExit();
        Assert.Equal(FileKind.Pipe, FileStatus.Of(pipe).Kind);
        Assert.Equal(FileKind.Device, FileStatus.Of("/dev/zero").Kind);
        File.CreateSymbolicLink(folder.File("loop"), folder.File("loop"));
        Assert.Equal(FileKind.Unreachable, FileStatus.Of(folder.File("loop")).Kind);
        Assert.Contains("has no end", Assert.Throws<GptGenException>(() => InputFile.ReadAll("/dev/zero", "a file")).Message);
    }

    [Fact]
    public void ALinkIsWhatItLeadsTo()
    {
        var file = folder.Write("file", [1]);
        File.CreateSymbolicLink(folder.File("link"), file);
        Assert.Equal(FileStatus.Of(file), FileStatus.Of(folder.File("link")));
        Assert.NotEqual(FileStatus.Of(file).Identity, FileStatus.Of(folder.Write("other", [1])).Identity);
    }

    [Fact]
    public async Task APipeIsReadToItsEnd()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Linux only.");
        var pipe = folder.File("pipe");
        Process.Start("mkfifo", [pipe]).WaitForExit();
        var writing = Task.Run(() => File.WriteAllText(pipe, "through a pipe"), TestContext.Current.CancellationToken);
        Assert.Equal("through a pipe"u8, InputFile.ReadAll(pipe, "a file"));
        await writing;
    }

    [Fact]
    public void AMessageIsOneLineThatSteersNoTerminal()
    {
        var message = new GptGenException($"'a\nb\u001b[2J\u202Ec' {new string('x', 100_000)} end").Message;
        Assert.StartsWith(@"'a b\u001B[2J\u202Ec' ", message);
        Assert.EndsWith(" end", message);
        Assert.InRange(message.Length, 100, 2100);
    }
}
