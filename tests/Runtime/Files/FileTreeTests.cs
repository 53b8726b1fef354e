using System.Diagnostics;
using System.Text;
using GptGen.Files;
using GptGen.Text;
using Xunit;

namespace GptGen.Runtime.Tests.Files;

/// <summary>
/// Whatever a folder of texts may hold on a Unix system: each file is read once, the rest is said to be left out, or refused by name.
/// </summary>
public sealed class FileTreeTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly List<string> notes = [];

    public FileTreeTests() => Assert.SkipUnless(OperatingSystem.IsLinux(), "Linux only.");

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(".")]
    [InlineData("..")]
    public void AFolderThatHoldsItselfIsReadOnce(string target)
    {
        folder.Write("d/a.txt", "A");
        Directory.CreateSymbolicLink(folder.File("d/self"), target);
        Assert.Equal(["A"], Load("d"));
        Assert.Contains(target == "." ? "d/self' is read once" : "d' is read once", Assert.Single(notes));
    }

    [Fact]
    public void AFolderThatIsReachedTwiceIsReadOnceUnderItsOwnName()
    {
        folder.Write("e/x/a.txt", "A");
        Directory.CreateDirectory(folder.File("e/y"));
        Directory.CreateSymbolicLink(folder.File("e/y/x"), "../x");
        Directory.CreateSymbolicLink(folder.File("e/a-link-that-comes-first"), "x/a.txt");
        Assert.Equal(["A"], Load("e"));
        Assert.Contains("likewise 1 more", Assert.Single(notes));
        File.WriteAllBytes(folder.File("e/x/a.txt"), [0xFF]);
        Assert.Contains("e/x/a.txt'", Assert.Throws<GptGenException>(() => Load("e")).Message);
    }

    [Fact]
    public void TwoNamesOfOneFileAreOneFile()
    {
        folder.Write("d/a.txt", "A");
        Process.Start("ln", [folder.File("d/a.txt"), folder.File("d/b.txt")]).WaitForExit();
        Assert.Equal(["A"], Load("d"));
        Assert.Contains("b.txt' is read once", Assert.Single(notes));
    }

    [Fact]
    public void WhatIsNamedTwiceIsReadOnce()
    {
        folder.Write("d/a.txt", "A");
        folder.Write("d/b.txt", "B");
        Assert.Equal(["B", "A"], Load("d/b.txt", "d", "d/a.txt", "d/../d"));
        Assert.Contains("likewise 2 more", Assert.Single(notes));
    }

    [Fact]
    public void LinksToElsewhereAreFollowedInTheOrderOfTheirPaths()
    {
        folder.Write("elsewhere/one", "1");
        folder.Write("elsewhere/more/two", "2");
        folder.Write("d/c.txt", "C");
        File.CreateSymbolicLink(folder.File("d/a.txt"), folder.File("elsewhere/one"));
        Directory.CreateSymbolicLink(folder.File("d/d"), folder.File("elsewhere/more"));
        Assert.Equal(["1", "C", "2"], Load("d"));
        Assert.Empty(notes);
    }

    [Fact]
    public void WhatIsNoFileIsLeftOutWithANote()
    {
        folder.Write("d/a.txt", "A");
        Process.Start("mkfifo", [folder.File("d/pipe")]).WaitForExit();
        File.CreateSymbolicLink(folder.File("d/zero"), "/dev/zero");
        File.CreateSymbolicLink(folder.File("d/nowhere"), "nothing");
        File.CreateSymbolicLink(folder.File("d/loop"), "loop");
        Assert.Equal(["A"], Load("d"));
        Assert.Equal(2, notes.Count);
        Assert.Contains("leads nowhere; likewise 1 more", notes[0]);
        Assert.Contains("a pipe, a device or a socket; likewise 1 more", notes[1]);
    }

    [Theory]
    [InlineData("zero", "device")]
    [InlineData("nowhere", "does not exist")]
    [InlineData("loop", "cannot be reached")]
    [InlineData("-", "/dev/stdin")]
    public void WhatIsNamedItselfIsRefused(string name, string cause)
    {
        File.CreateSymbolicLink(folder.File("zero"), "/dev/zero");
        File.CreateSymbolicLink(folder.File("nowhere"), "nothing");
        File.CreateSymbolicLink(folder.File("loop"), "loop");
        var path = name == "-" ? name : folder.File(name);
        var message = Assert.Throws<GptGenException>(() => TextCorpus.Load(path)).Message;
        Assert.Contains($"'{path}'", message);
        Assert.Contains(cause, message);
    }

    [Fact]
    public void ANameThatIsNotUtf8IsRefused()
    {
        folder.Write("d/a.txt", "A");
        Process.Start("bash", ["-c", $"echo text > '{folder.File("d")}/'$'\\xff.txt'"]).WaitForExit();
        Assert.Contains("its name is not UTF-8", Assert.Throws<GptGenException>(() => Load("d")).Message);
        // .NET cannot name it to delete it either.
        Process.Start("rm", ["-r", folder.File("d")]).WaitForExit();
    }

    [Fact]
    public void WhatIsClosedToTheUserIsRefusedByName()
    {
        Assert.SkipWhen(Environment.UserName == "root", "Root may read everything.");
        folder.Write("d/closed/a.txt", "A");
        foreach (var (mode, path) in new[] { ("000", "d/closed"), ("400", "d/closed"), ("700", "d/closed"), ("000", "d/closed/a.txt") })
        {
            Process.Start("chmod", [mode, folder.File(path)]).WaitForExit();
            if (mode == "700")
                Assert.Equal(["A"], Load("d"));
            else
                Assert.Contains(path, Assert.Throws<GptGenException>(() => Load("d")).Message);
        }
    }

    /// <summary>Random trees of files, folders, hard links and links anywhere: each text that can be reached is there exactly once.</summary>
    [Fact]
    public void InAnyTreeEachTextIsReadOnce()
    {
        for (var seed = 0; seed < 30; seed++)
        {
            var random = new Random(seed);
            var root = folder.File($"tree-{seed}");
            var folders = new List<string> { Directory.CreateDirectory(root).FullName };
            var texts = new List<string>();
            for (var entry = 0; entry < 25; entry++)
            {
                var path = Path.Combine(folders[random.Next(folders.Count)], $"{random.Next(100)}-{entry}");
                switch (random.Next(4))
                {
                    case 0:
                        folders.Add(Directory.CreateDirectory(path).FullName);
                        break;
                    case 1:
                        Directory.CreateSymbolicLink(path, folders[random.Next(folders.Count)]);
                        break;
                    case 2 when texts.Count > 0:
                        File.CreateSymbolicLink(path, texts[random.Next(texts.Count)]);
                        break;
                    default:
                        File.WriteAllText(path, $"text {entry}");
                        texts.Add(path);
                        break;
                }
            }

            if (texts.Count == 0)
                continue;
            var files = FileTree.Find([root], "texts", notes.Add, TestContext.Current.CancellationToken);
            Assert.Equal(texts.Order(StringComparer.Ordinal), files.Select(static file => file.Path));
        }
    }

    private List<string> Load(params string[] paths)
    {
        notes.Clear();
        return [.. TextCorpus.Load([.. paths.Select(folder.File)], notes.Add, TestContext.Current.CancellationToken).Documents.Select(
            Encoding.UTF8.GetString)];
    }
}
