using System.Text.Json;
using GptGen.Models.Commands;
using Xunit;

namespace GptGen.Models.Tests;

/// <summary>Fine-tuning begins with weights of a training run or of a Hugging Face folder, and the result carries all that it needs.</summary>
public sealed class FinetuneWeightsTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void ARunAndItsHuggingFaceFolderAreFinetunedAlike()
    {
        var (text, vocabulary, run, converted) = (
            folder.Write("text.txt", TinyRun.Text), WriteVocabulary(), folder.File("run"), folder.File("converted"));
        CommandLine.Succeed(TinyRun.Arguments(text, run, 2, 2, "--model", "gpt1-mini", "--tokenizer", vocabulary));
        CommandLine.Succeed("convert", "--weights", run, "--out", converted);
        var data = folder.Write(
            "data.tsv",
            "text\tlabel\n"
            + string.Concat(
                Enumerable.Range(0, 24).Select(static i => $"the {(i % 2 == 0 ? "good" : "bad")} one {i}\t{(i % 2 == 0 ? "pos" : "neg")}\n")));
        string[] arguments = [
            "finetune", "--task", "classification", "--data", data, "--test", data, "--epochs", "1", "--length", "32", "--batch", "8", "--weights"];
        var (ofRun, ofFolder) = (folder.File("of-run"), folder.File("of-folder"));
        Assert.Contains($"pre-trained in '{run}'", CommandLine.Succeed([.. arguments, run, "--out", ofRun]));
        CommandLine.Succeed([.. arguments, converted, "--tokenizer", vocabulary, "--out", ofFolder]);
        var predictions = File.ReadAllText(Path.Combine(ofRun, "predictions.tsv"));
        Assert.Equal(predictions, File.ReadAllText(Path.Combine(ofFolder, "predictions.tsv")));
        var scratch = folder.File("scratch");
        CommandLine.Succeed([.. arguments[..^1], "--from-scratch", "--tokenizer", vocabulary, "--out", scratch]);
        Assert.NotEqual(predictions, File.ReadAllText(Path.Combine(scratch, "predictions.tsv")));

        // The folder carries its vocabulary: it can be moved, and the original may go.
        var (kept, moved) = (folder.File("kept"), folder.File("moved"));
        Directory.Move(vocabulary, kept);
        Directory.Move(ofRun, moved);
        Assert.Equal(predictions, CommandLine.Succeed("predict", "--weights", moved, "--data", data));

        // A folder that was written before vocabularies were copied names the full path.
        var task = Path.Combine(moved, "task.json");
        Assert.Equal(".", JsonDocument.Parse(File.ReadAllText(task)).RootElement.GetProperty("tokenizer").GetString());
        File.WriteAllText(
            task,
            File.ReadAllText(task).Replace("\"tokenizer\": \".\"", $"\"tokenizer\": {JsonSerializer.Serialize(kept)}", StringComparison.Ordinal));
        File.Delete(Path.Combine(moved, "vocab.json"));
        Assert.Equal(predictions, CommandLine.Succeed("predict", "--weights", moved, "--data", data));
    }

    [Fact]
    public void WhatARunRemembersIsFoundFromItsFolderOrAFileInIt()
    {
        var file = folder.Write("checkpoint.safetensors", "");
        Assert.Equal(folder.Path, RunTokenizer.Find(".", folder.Path));
        Assert.Equal(folder.Path, RunTokenizer.Find(".", file));
        // A bare name, such as gpt2, would be that of a tokenizer.
        Assert.Equal(folder.Path, RunTokenizer.Find(".", Path.GetRelativePath(Environment.CurrentDirectory, folder.Path)));
        Assert.Equal("/some/where", RunTokenizer.Find("/some/where", file));
        Assert.Equal("bytes", RunTokenizer.Find("bytes", file));
    }

    /// <summary>
    /// A vocabulary of GPT-1's kind, small enough for a byte-level model: every letter and digit inside and at the end of a word, and a merge.
    /// </summary>
    private string WriteVocabulary()
    {
        var characters = "abcdefghijklmnopqrstuvwxyz0123456789.".Select(static character => $"{character}").ToArray();
        string[] names = ["<unk>", .. characters, .. characters.Select(static character => $"{character}</w>"), "th", "the</w>"];
        Directory.CreateDirectory(folder.File("vocabulary"));
        folder.Write(
            "vocabulary/encoder.json",
            JsonSerializer.Serialize(
                names.Select(static (name, number) => (name, number)).ToDictionary(static pair => pair.name, static pair => pair.number)));
        folder.Write("vocabulary/vocab.bpe", "#version: 0.2\nt h\nth e</w>\n");
        return folder.File("vocabulary");
    }
}
