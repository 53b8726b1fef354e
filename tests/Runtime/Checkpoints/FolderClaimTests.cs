using System.Diagnostics;
using GptGen.Checkpoints;
using Xunit;

namespace GptGen.Runtime.Tests.Checkpoints;

public sealed class FolderClaimTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    private string Run => folder.File("a/b/run");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void OneAtATimeHasAFolderAndTheOtherHearsWhoItIs()
    {
        using (FolderClaim.Take(Run, "training"))
        {
            var message = Assert.Throws<GptGenException>(() => FolderClaim.Take(Run, "training")).Message;
            Assert.Contains($"The folder '{Run}' is in use", message);
            if (!OperatingSystem.IsWindows())
                Assert.Contains($"(training, process {Environment.ProcessId} on {Environment.MachineName} since ", message);
        }

        using (FolderClaim.Take(Run, "training"))
            Assert.True(Directory.Exists(Run));
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public void AFolderThatWasThereOrHoldsSomethingStays()
    {
        Directory.CreateDirectory(folder.File("a"));
        FolderClaim.Take(Run, "training").Dispose();
        Assert.Equal([folder.File("a")], Directory.GetFileSystemEntries(folder.Path));
        using (FolderClaim.Take(Run, "training"))
            File.WriteAllText(Path.Combine(Run, "x"), "");
        Assert.Equal([Path.Combine(Run, "x")], Directory.GetFileSystemEntries(Run));
    }

    [Fact]
    public void UnfinishedFilesOfTheKilledGoAndNothingElse()
    {
        Directory.CreateDirectory(Run);
        string Leave(string name)
        {
            var path = Path.Combine(Run, name);
            File.WriteAllText(path, "");
            return path;
        }

        Leave($".step-000002.safetensors.{new string('0', 32)}.tmp");
        Leave($".config.json.{new string('f', 32)}.tmp");
        string[] kept = [
            Leave(".mine.tmp"), Leave($"{new string('0', 32)}.tmp"), Leave($".{new string('0', 32)}.tmp"), Leave($".x.{new string('G', 32)}.tmp"),
            Leave($".x.{new string('0', 32)}.tm")];
        FolderClaim.Take(Run, "training").Dispose();
        Assert.Equal(kept.Order(), Directory.GetFiles(Run).Order());
    }

    /// <summary>The lock file of a killed process is no lock, and tells what was going on.</summary>
    [Fact]
    public void WhatAKilledOwnerLeavesIsNoLock()
    {
        Directory.CreateDirectory(Run);
        File.WriteAllText(Path.Combine(Run, FolderClaim.FileName), "fine-tuning\nprocess 1 on x since y\n");
        using (var claim = FolderClaim.Take(Run, "training"))
            Assert.Equal("fine-tuning", claim.KilledUse);
        using (var claim = FolderClaim.Take(Run, "training"))
            Assert.Null(claim.KilledUse);
    }

    [Fact]
    public void SomethingElseOfThatNameIsAMessage()
    {
        Directory.CreateDirectory(Path.Combine(Run, FolderClaim.FileName));
        Assert.Contains("cannot be made or written", Assert.Throws<GptGenException>(() => FolderClaim.Take(Run, "training")).Message);
        Assert.Contains(
            "cannot be made or written", Assert.Throws<GptGenException>(() => FolderClaim.Take(folder.Write("file", ""), "training")).Message);
        Assert.Contains("name a folder", Assert.Throws<GptGenException>(() => FolderClaim.Take(" ", "training")).Message);
    }

    /// <summary>Many threads take, check and give back: at no time are two in, and nobody is left out for ever.</summary>
    [Fact]
    public void NeverTwoAtOnce()
    {
        var (inside, taken) = (0, 0);
        var end = Stopwatch.GetTimestamp() + Stopwatch.Frequency;
        Parallel.For(0, 4, new ParallelOptions { MaxDegreeOfParallelism = 4 }, _ =>
        {
            while (Stopwatch.GetTimestamp() < end)
            {
                try
                {
                    using var claim = FolderClaim.Take(Run, "training");
                    Assert.Equal(1, Interlocked.Increment(ref inside));
                    Interlocked.Increment(ref taken);
                    Interlocked.Decrement(ref inside);
                }
                catch (GptGenException error)
                {
                    Assert.Matches("in use|all the time|cannot be made", error.Message);
                }
            }
        });
        Assert.True(taken > 20, $"{taken}");
    }
}
