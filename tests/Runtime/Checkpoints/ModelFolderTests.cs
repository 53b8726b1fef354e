using GptGen.Checkpoints;
using Xunit;

namespace GptGen.Runtime.Tests.Checkpoints;

public sealed class ModelFolderTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("Empty", null)]
    [InlineData("Empty", null, ".lock")]
    [InlineData("Other", null, "notes.txt")]
    [InlineData("Other", null, "vocab.json")]
    [InlineData("Other", null, "log.jsonl", "abandoned-step-000002.safetensors", "step-x.safetensors")]
    [InlineData("Tokenizer", null, "vocab.json", "merges.txt")]
    [InlineData("Weights", "model.safetensors", "model.safetensors", "config.json")]
    [InlineData("Weights", "model.safetensors", "model.safetensors", "model.safetensors.index.json")]
    [InlineData("Weights", "params_shapes.json", "params_shapes.json", "params_0.npy")]
    [InlineData("Run", "step-000010.safetensors", "step-000010.safetensors", "step-000009.safetensors", "log.jsonl")]
    [InlineData("Run", "step-000010.safetensors", "step-000010.safetensors", "model.safetensors", "config.json")]
    [InlineData("Run", "step-1000000.safetensors", "step-1000000.safetensors", "step-999999.safetensors", "vocab.json", "merges.txt")]
    [InlineData("FineTuned", "model.safetensors", "task.json", "model.safetensors", "config.json")]
    [InlineData("FineTuned", null, "task.json")]
    public void AFolderIsWhatItHolds(string kind, string? weights, params string[] names)
    {
        var path = Make("x", names);
        var found = ModelFolder.Of(path);
        Assert.Equal((kind, weights is null ? null : Path.Combine(path, weights)), (found.Kind.ToString(), found.Weights));
        // Whatever else could count is named.
        string[] candidates = kind == "Run" ? ["model.safetensors"] : ["model.safetensors", "model.safetensors.index.json", "params_shapes.json"];
        var others = names.Intersect(candidates).Where(name => name != weights).ToList();
        Assert.Equal(others.Count > 0, found.PassedOver is not null);
        Assert.All(others, name => Assert.Contains(name, found.PassedOver));
    }

    [Fact]
    public void WhatIsNotThereIsEmpty() => Assert.Equal(FolderKind.Empty, ModelFolder.Of(folder.File("none")).Kind);

    /// <summary>Each use of each kind: allowed, allowed where it is the folder's own weights, or refused.</summary>
    [Theory]
    [InlineData("", "yes yes yes yes yes")]
    [InlineData("notes.txt", "yes yes yes yes yes")]
    [InlineData("vocab.json merges.txt", "yes yes yes yes yes")]
    [InlineData("step-000001.safetensors", "no own no own no")]
    [InlineData("step-000001.safetensors model.safetensors", "no own no own no")]
    [InlineData("model.safetensors config.json", "own own no other no")]
    [InlineData("model.safetensors.index.json", "own own no no no")]
    [InlineData("task.json model.safetensors", "no no no no no")]
    public void WhatMayBeWrittenFollowsFromTheKind(string names, string allowed)
    {
        var path = Make("x", names.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        var before = Directory.GetFileSystemEntries(path);
        foreach (var (use, rule) in Enum.GetValues<FolderUse>().Zip(allowed.Split(' ')))
        {
            AssertAllowed(rule is "yes" or "other", path, use, folder.File("elsewhere"));
            AssertAllowed(rule is "yes" or "own", path, use, path);
        }

        Assert.Equal(before, Directory.GetFileSystemEntries(path));
    }

    [Fact]
    public void AKilledFinetuningBlocksNothingButOneThatEnded()
    {
        var path = Make("x", "task.json", "model.safetensors");
        var notes = new List<string>();
        folder.Write("x/.lock", "fine-tuning\nprocess 1 on x since y\n");
        ModelFolder.Claim(path, FolderUse.Finetuning, null, notes.Add).Dispose();
        Assert.Contains("unfinished", Assert.Single(notes));
        // One that failed leaves the folder as half made as one that was killed.
        using (var claim = ModelFolder.Claim(path, FolderUse.Finetuning))
            claim.Finish();
        Assert.Contains("fine-tuned model already", Assert.Throws<GptGenException>(() => ModelFolder.Claim(path, FolderUse.Finetuning)).Message);
        folder.Write("x/.lock", "conversion\nprocess 1 on x since y\n");
        Assert.Throws<GptGenException>(() => ModelFolder.Claim(path, FolderUse.Finetuning));
    }

    [Fact]
    public void WhatIsConvertedAndCheckpointsAreNotOverwritten()
    {
        var (run, file) = (Make("run", "step-000001.safetensors"), folder.Write("a.safetensors", [1]));
        if (!OperatingSystem.IsWindows())
        {
            File.CreateSymbolicLink(folder.File("link.safetensors"), file);
            Assert.Contains("itself", Assert.Throws<GptGenException>(() => ModelFolder.ClaimExport(folder.File("link.safetensors"), file)).Message);
        }

        Assert.Contains("itself", Assert.Throws<GptGenException>(() => ModelFolder.ClaimExport(file, file)).Message);
        Assert.Contains(
            "itself", Assert.Throws<GptGenException>(() => ModelFolder.ClaimExport(Path.Combine(run, "step-000001.safetensors"), run)).Message);
        Assert.Contains(
            "checkpoint", Assert.Throws<GptGenException>(() => ModelFolder.ClaimExport(Path.Combine(run, "step-000001.safetensors"), file)).Message);
        Assert.Null(ModelFolder.ClaimExport(folder.File("new.safetensors"), run));
    }

    [Fact]
    public void AnUnreadableFolderIsAMessage()
    {
        if (OperatingSystem.IsWindows() || Environment.UserName == "root")
        {
            Assert.Skip("The administrator may read everything.");
            return;
        }

        Directory.CreateDirectory(folder.File("closed"), UnixFileMode.None);
        Assert.Contains("access is denied", Assert.Throws<GptGenException>(() => ModelFolder.Of(folder.File("closed"))).Message);
        Assert.Contains("access is denied", Assert.Throws<GptGenException>(() => TrainingCheckpoint.List(folder.File("closed"))).Message);
        File.SetUnixFileMode(folder.File("closed"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private string Make(string name, params string[] names)
    {
        Directory.CreateDirectory(folder.File(name));
        foreach (var file in names)
            folder.Write($"{name}/{file}", "");
        return folder.File(name);
    }

    private static void AssertAllowed(bool isAllowed, string path, FolderUse use, string from)
    {
        var error = Record.Exception(() => ModelFolder.Claim(path, use, from).Dispose());
        Assert.True(isAllowed == error is null, $"{use} from {from}: {error?.Message ?? "allowed"}");
        if (error is not null)
            Assert.Contains("name another f", Assert.IsType<GptGenException>(error).Message);
    }
}
