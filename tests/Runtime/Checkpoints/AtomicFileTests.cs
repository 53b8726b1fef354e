using System.Diagnostics;
using GptGen.Checkpoints;
using GptGen.Files;
using Xunit;

namespace GptGen.Runtime.Tests.Checkpoints;

public sealed class AtomicFileTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void AFileIsReplacedAndFoldersAreMade()
    {
        var path = folder.File("a/b/c.bin");
        AtomicFile.Write(path, static stream => stream.WriteByte(1));
        AtomicFile.Write(path, static stream => stream.WriteByte(2));
        Assert.Equal([2], File.ReadAllBytes(path));
        Assert.Single(Directory.GetFiles(folder.File("a/b")));
    }

    [Fact]
    public void AFailureLeavesTheOldFileAndNoTemporary()
    {
        var path = folder.Write("x", [1]);
        var error = Assert.Throws<GptGenException>(() => AtomicFile.Write(path, static stream =>
        {
            stream.Write(new byte[1 << 20]);
            throw new IOException("No space left on device");
        }));
        Assert.Contains("No space left on device", error.Message);
        Assert.Contains(path, error.Message);
        Assert.Equal([1], File.ReadAllBytes(path));
        Assert.Single(Directory.GetFileSystemEntries(folder.Path));
    }

    /// <summary>
    /// A failure at each single step of writing a file: the old one stays whole or the new one is, nothing is left over, and the error is told.
    /// </summary>
    [Fact]
    public void AFailureOfEachStepIsToldAndLeavesAWholeFile()
    {
        var path = folder.File("x");
        byte[] old = [.. Enumerable.Repeat((byte)1, 300_000)], fresh = [.. Enumerable.Repeat((byte)2, 300_000)];
        var steps = new List<FileStep>();
        for (var failing = 0; failing <= steps.Count; failing++)
        {
            File.WriteAllBytes(path, old);
            steps.Clear();
            var error = Record.Exception(() => Trial.Failing(failing, steps, () => AtomicFile.Write(path, stream =>
            {
                for (var part = 0; part < fresh.Length; part += 1000)
                    stream.Write(fresh, part, 1000);
            })));
            if (failing == steps.Count)
            {
                Assert.Null(error);
                Assert.Equal(fresh, File.ReadAllBytes(path));
                break;
            }

            Assert.Contains("Input/output error", Assert.IsType<GptGenException>(error).Message);
            Assert.Equal(steps[^1] == FileStep.SyncFolder ? fresh : old, File.ReadAllBytes(path));
            Assert.Single(Directory.GetFileSystemEntries(folder.Path));
        }

        Assert.Equal(Enum.GetValues<FileStep>().Length, steps.Distinct().Count());
        Assert.True(steps.Count > 100);
    }

    [Fact]
    public void AFolderInPlaceOfTheFileIsRefused()
    {
        Directory.CreateDirectory(folder.File("x"));
        Assert.Contains("a folder has this name", Assert.Throws<GptGenException>(() => AtomicFile.Write(folder.File("x"), static _ => { })).Message);
    }

    [Fact]
    public void AFileInPlaceOfAFolderIsRefused()
    {
        folder.Write("x", [1]);
        Assert.Contains("Cannot write", Assert.Throws<GptGenException>(() => AtomicFile.Write(folder.File("x/y"), static _ => { })).Message);
        Assert.Equal([1], File.ReadAllBytes(folder.File("x")));
    }

    [Fact]
    public void AFullDiskIsReported()
    {
        const string Full = "/dev/full";
        Assert.SkipUnless(File.Exists(Full), "this system has no /dev/full");
        Assert.Contains(
            "Cannot write '/dev/full'", Assert.Throws<GptGenException>(() => AtomicFile.Write(Full, static stream => stream.WriteByte(1))).Message);
        Assert.True(File.Exists(Full));
    }

    [Fact]
    public void ALinkStaysALinkAndItsFileIsReplaced()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links need rights there.");
        Directory.CreateDirectory(folder.File("deep"));
        var target = folder.Write("deep/target", [1]);
        File.CreateSymbolicLink(folder.File("first"), "second");
        File.CreateSymbolicLink(folder.File("second"), "deep/target");
        AtomicFile.Write(folder.File("first"), static stream => stream.WriteByte(2));
        Assert.Equal([2], File.ReadAllBytes(target));
        Assert.Equal("second", new FileInfo(folder.File("first")).LinkTarget);

        // A link to nothing yet, and a loop.
        File.CreateSymbolicLink(folder.File("dangling"), "deep/new");
        AtomicFile.Write(folder.File("dangling"), static stream => stream.WriteByte(3));
        Assert.Equal([3], File.ReadAllBytes(folder.File("deep/new")));
        File.CreateSymbolicLink(folder.File("loop"), "loop");
        Assert.Contains(
            "loop", Assert.Throws<GptGenException>(() => AtomicFile.Write(folder.File("loop"), static stream => stream.WriteByte(3))).Message);
    }

    [Fact]
    public void AReplacedFileKeepsItsPermissions()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Windows has other permissions.");
            return;
        }

        var path = folder.Write("x", [1]);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherExecute);
        var mode = File.GetUnixFileMode(path);
        AtomicFile.Write(path, static stream => stream.WriteByte(2));
        Assert.Equal(mode, File.GetUnixFileMode(path));
    }

    [Theory]
    [InlineData("x", 255)]
    [InlineData("ä", 127)]
    [InlineData("😀", 63)]
    public void ANameOfTheGreatestLengthCanBeWritten(string character, int count)
    {
        var path = folder.File(string.Concat(Enumerable.Repeat(character, count)));
        AtomicFile.Write(path, static stream => stream.WriteByte(1));
        AtomicFile.Write(path, static stream => stream.WriteByte(2));
        Assert.Equal([2], File.ReadAllBytes(path));
        Assert.Single(Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public async Task APipeIsWrittenToWhoReadsIt()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/mkfifo") || File.Exists("/bin/mkfifo"), "There is no mkfifo.");
        var pipe = folder.File("pipe");
        using (var make = Process.Start("mkfifo", [pipe]))
            await make.WaitForExitAsync(TestContext.Current.CancellationToken);
        var reader = Task.Run(() => File.ReadAllBytes(pipe), TestContext.Current.CancellationToken);
        AtomicFile.Write(pipe, static stream => stream.Write("through"u8));
        Assert.Equal("through"u8.ToArray(), await reader);
        Assert.Equal(FileKind.Pipe, FileStatus.Of(pipe).Kind);
    }

    /// <summary>What is open already goes on where it stands, by whatever name it is called.</summary>
    [Fact]
    public void WhatIsOpenAlreadyIsNotOpenedAgain()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Descriptors have these names on Linux.");
        var path = folder.File("out");
        using (var stream = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0))
        {
            // Written behind .NET's back, so that the system's own position counts.
            var number = stream.SafeFileHandle.DangerousGetHandle();
            File.CreateSymbolicLink(folder.File("link"), $"/dev/fd/{number}");
            foreach (var name in (string[])[$"/dev/fd/{number}", $"/proc/self/fd/{number}", folder.File("link")])
                AtomicFile.Write(name, static stream => stream.Write("abc"u8));
        }

        Assert.Equal("abcabcabc", File.ReadAllText(path));
        Assert.Contains(
            "Bad file descriptor",
            Assert.Throws<GptGenException>(() => AtomicFile.Write("/dev/fd/987", static stream => stream.WriteByte(1))).Message);
    }

    [Fact]
    public void WhatAKilledWriterLeftGoesButNotWhatSomebodyIsWriting()
    {
        var left = folder.Write($".x.{new string('a', 32)}.tmp", [1]);
        var other = folder.Write($".y.{new string('a', 32)}.tmp", [1]);
        var foreign = folder.Write(".x.mine.tmp", [1]);
        AtomicFile.Write(folder.File("x"), _ =>
        {
            Assert.False(File.Exists(left));
            // A second writer of the same file, whose unfinished file lies there too.
            AtomicFile.Write(folder.File("x"), static stream => stream.WriteByte(7));
            Assert.Single(Directory.GetFiles(folder.Path, ".x.*.tmp"), path => path != foreign);
        });
        Assert.Equal(
            [other, foreign, folder.File("x")], Directory.GetFileSystemEntries(folder.Path).Order(StringComparer.Ordinal).OrderBy(
                static path => path.Contains("/.y", StringComparison.Ordinal) ? 0 : 1));
    }

    [Fact]
    public void AFolderThatMayNotBeWrittenIsNamed()
    {
        if (OperatingSystem.IsWindows() || Environment.UserName == "root")
        {
            Assert.Skip("The administrator may write everywhere.");
            return;
        }

        Directory.CreateDirectory(folder.File("closed"), UnixFileMode.UserRead | UnixFileMode.UserExecute);
        var message = Assert.Throws<GptGenException>(() => AtomicFile.Write(folder.File("closed/x"), static stream => stream.WriteByte(1))).Message;
        Assert.Contains($"nothing may be written into the folder '{folder.File("closed")}'", message);
    }
}
