using GptGen.Checkpoints;
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
        Assert.Contains("Cannot write '/dev/full'", Assert.Throws<GptGenException>(() => AtomicFile.Write(Full, static stream => stream.WriteByte(1))).Message);
        Assert.True(File.Exists(Full));
    }
}
