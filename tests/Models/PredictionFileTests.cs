using GptGen.Finetuning;
using GptGen.Models.Commands;
using Xunit;

namespace GptGen.Models.Tests;

/// <summary>Whatever the labels hold, predictions that were written are read back by the reader of examples.</summary>
public sealed class PredictionFileTests : IDisposable
{
    private static readonly string[] s_parts = [
        "a", "b ", ",", "\t", "\n", "\r\n", "\"", "\"\"", ";", "|", "é", "|x", "1", "{", "[", "\\", " ", "sep=;", "'"];

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("p.tsv")]
    [InlineData("p.csv")]
    [InlineData("p.jsonl")]
    [InlineData("p.json")]
    public void PredictionsAreReadBack(string name)
    {
        var path = folder.File(name);
        for (var seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            var labels = Enumerable.Range(0, 2 + random.Next(3)).Select(_ => Label(random)).Distinct().ToArray();
            if (labels.Length < 2)
                continue;
            var predictions = Enumerable.Range(0, 1 + random.Next(6)).Select(_ => labels.Select(_ => random.NextSingle()).ToArray()).ToList();
            PredictionFile.Write(path, PredictionFormats.Of(path, asJson: false), new LabelSet(labels), [], predictions);
            var read = TaskFile.Read(path, new(["prediction"], "example"));
            Assert.Equal(predictions.Select(prediction => labels[TaskMetrics.Best(prediction)]), read.Select(static example => example.Texts[0]));
            Assert.Equal(Enumerable.Range(1, predictions.Count).Select(static number => $"{number}"), read.Select(static example => example.Label));
            if (!name.Contains("json", StringComparison.Ordinal))
            {
                Assert.Equal(
                    predictions.Select(prediction => prediction[0].ToString("F4", System.Globalization.CultureInfo.InvariantCulture)),
                    TaskFile.Read(path, new([$"p({labels[0]})"], "example")).Select(static example => example.Texts[0]));
            }
        }
    }

    [Theory]
    [InlineData("p.tsv", "example\tprediction\n1\t3.5000\n")]
    [InlineData("p.csv", "example,prediction\n1,3.5000\n")]
    [InlineData("p.jsonl", "{\"example\":1,\"prediction\":3.5}\n")]
    [InlineData("p.json", "[\n{\"example\":1,\"prediction\":3.5}\n]\n")]
    public void GradesHaveOneColumn(string name, string content)
    {
        var path = folder.File(name);
        PredictionFile.Write(path, PredictionFormats.Of(path, asJson: false), new GradeScale(3, 1), [], [[0.5f]]);
        Assert.Equal(content, File.ReadAllText(path));
    }

    // As the reader gives labels: without white space around them.
    private static string Label(Random random) =>
        string.Concat(Enumerable.Range(0, 1 + random.Next(5)).Select(_ => s_parts[random.Next(s_parts.Length)])).Trim() is { Length: > 0 } label
        ? label
        : "x";
}
