using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Xunit;

namespace GptGen.Models.Tests;

/// <summary>Fine-tuned encoders as others publish them: no task.json, a head of as many scores as labels, whose names are in config.json.</summary>
public sealed class PublishedClassifierTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly string words;

    public PublishedClassifierTests()
    {
        words = folder.File("words");
        CommandLine.Succeed(
            "tokenizer", "train", "--kind", "wordpiece", "--vocabulary", "300", "--data", folder.Write("text.txt", TinyRun.Text), "--out", words);
    }

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("classification", "text")]
    [InlineData("entailment", "premise\thypothesis")]
    public void ItsLabelsAreThoseOfItsConfiguration(string task, string columns)
    {
        var texts = columns.Replace("premise", "the wheel").Replace("hypothesis", "it").Replace("text", "the gear");
        var data = folder.Write(
            "data.tsv",
            $"{columns}\tlabel\n" + string.Concat(Enumerable.Range(0, 24).Select(i => $"{texts} {i}\t{(i % 2 == 0 ? "yes" : "no")}\n")));
        var own = Finetune(task, data);
        var config = Config(own);
        Assert.Equal("no", (string?)config["id2label"]!["0"]);
        Assert.Equal("yes", (string?)config["id2label"]!["1"]);
        Assert.Equal("LABEL_2", (string?)config["id2label"]!["2"]);
        Assert.Equal((int)config["num_labels"]!, config["id2label"]!.AsObject().Count);
        Assert.Equal(1, (int)config["label2id"]!["yes"]!);

        var published = Publish(own, 2, "NEGATIVE", "POSITIVE");
        string[] text = ["--text", .. texts.Split('\t')];
        var expected = CommandLine.Succeed(["predict", "--weights", own, .. text]).Split('\n');
        var run = CommandLine.Run(["predict", "--weights", published, .. text]);
        Assert.Contains("has no task.json: by its config.json it labels texts as NEGATIVE, POSITIVE", run.Error);
        var actual = run.Output.Split('\n');
        Assert.Equal("example\tprediction\tp(NEGATIVE)\tp(POSITIVE)", actual[0]);
        Assert.Equal(expected[1].Replace("yes", "POSITIVE").Replace("no", "NEGATIVE"), actual[1]);
        Assert.Matches(@"\t0\.\d+\t0\.\d+$", actual[1]);

        // Nothing but the number of labels is known: Hugging Face's names.
        var nameless = Config(published);
        nameless.Remove("id2label");
        nameless.Remove("label2id");
        nameless["num_labels"] = 2;
        File.WriteAllText(Path.Combine(published, "config.json"), nameless.ToJsonString());
        Assert.StartsWith("example\tprediction\tp(LABEL_0)\tp(LABEL_1)\n", CommandLine.Succeed(["predict", "--weights", published, .. text]));
    }

    [Fact]
    public void ItsTagsAreThoseOfItsConfiguration()
    {
        var own = Finetune(
            "tagging", folder.Write("data.tsv", string.Concat(Enumerable.Range(0, 30).Select(static i => $"the\tO\n{i}th\tB-N\ngear\tI-N\n\n"))));
        var published = Publish(own, 3, "B-ORDER", "I-ORDER", "O");
        var expected = CommandLine.Succeed("predict", "--weights", own, "--text", "the 4th gear");
        Assert.Contains("\tB-N\n", expected);
        Assert.Equal(expected.Replace("-N\n", "-ORDER\n"), CommandLine.Succeed("predict", "--weights", published, "--text", "the 4th gear"));
    }

    [Fact]
    public void WhatItDoesNotSayWellIsNamed()
    {
        var data = folder.Write("data.tsv", "text\tlabel\n" + string.Concat(Enumerable.Range(0, 24).Select(static i => $"gear {i}\t{i % 2}\n")));
        var own = Finetune("classification", data);
        Refused("must name each label once", static config => config["id2label"] = new JsonObject { ["0"] = "a", ["2"] = "b" });
        Refused("occurs twice", static config => config["id2label"] = new JsonObject { ["0"] = "a", ["1"] = "a" });
        Refused("problem_type multi_label_classification", static config => config["problem_type"] = "multi_label_classification");
        Refused("classifier.weight", static config => config["id2label"] = new JsonObject { ["0"] = "a", ["1"] = "b", ["2"] = "c" });
        Refused("has no task.json", static config => config["architectures"] = new JsonArray("BertModel"));

        void Refused(string message, Action<JsonObject> change)
        {
            var published = Publish(own, 2, "a", "b");
            var config = Config(published);
            change(config);
            config.Remove("label2id");
            File.WriteAllText(Path.Combine(published, "config.json"), config.ToJsonString());
            Assert.Contains(message, CommandLine.Fail("predict", "--weights", published, "--text", "gear"));
        }
    }

    private static JsonObject Config(string path) => JsonNode.Parse(File.ReadAllText(Path.Combine(path, "config.json")))!.AsObject();

    private string Finetune(string task, string data)
    {
        var own = folder.File("own");
        CommandLine.Succeed(
            "finetune", "--task", task, "--from-scratch", "--model", "bert-mini-4k", "--tokenizer", words, "--data", data, "--epochs", "2",
            "--length", "24", "--batch", "8", "--learning-rate", "1e-3", "--out", own);
        return own;
    }

    /// <summary>The folder as another library leaves it, with some of the labels.</summary>
    private string Publish(string own, int labels, params string[] names)
    {
        var published = Directory.CreateDirectory(folder.File("published")).FullName;
        File.Copy(Path.Combine(own, "vocab.txt"), Path.Combine(published, "vocab.txt"), overwrite: true);
        var config = Config(own);
        config.Remove("num_labels");
        config["id2label"] = new JsonObject(
            names.Select(static (name, index) => KeyValuePair.Create(index.ToString(CultureInfo.InvariantCulture), (JsonNode?)name)));
        config["label2id"] = new JsonObject(names.Select(static (name, index) => KeyValuePair.Create(name, (JsonNode?)index)));
        File.WriteAllText(Path.Combine(published, "config.json"), config.ToJsonString());
        File.WriteAllBytes(
            Path.Combine(published, "model.safetensors"), Cut(File.ReadAllBytes(Path.Combine(own, "model.safetensors")), "classifier.", labels));
        return published;
    }

    /// <summary>The first rows of some tensors of a safetensors file, and all of the others.</summary>
    private static byte[] Cut(byte[] file, string prefix, int rows)
    {
        var data = 8 + (int)BinaryPrimitives.ReadUInt64LittleEndian(file);
        var header = JsonNode.Parse(file.AsSpan(8, data - 8))!.AsObject();
        header.Remove("__metadata__");
        using var content = new MemoryStream();
        foreach (var (name, tensor) in header)
        {
            var (begin, end) = ((int)tensor!["data_offsets"]![0]!, (int)tensor["data_offsets"]![1]!);
            if (name.StartsWith(prefix, StringComparison.Ordinal))
            {
                end = begin + ((end - begin) / (int)tensor["shape"]![0]! * rows);
                tensor["shape"]![0] = rows;
            }

            tensor["data_offsets"] = new JsonArray((int)content.Length, (int)content.Length + end - begin);
            content.Write(file.AsSpan(data + begin, end - begin));
        }

        var text = Encoding.UTF8.GetBytes(header.ToJsonString());
        var length = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)text.Length);
        return [.. length, .. text, .. content.ToArray()];
    }
}
