using System.Text;
using GptGen.Finetuning;
using Xunit;

namespace GptGen.Runtime.Tests.Finetuning;

public sealed class FinetunedTaskTests : IDisposable
{
    private static readonly FinetunedTask Task = new(
        TaskKind.Classification, nameof(TinyClassifier), "bytes", 16, true, new(["text"], "label"), new LabelSet(["neg", "a\n\"b\""]));

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void ATaskIsReadAsItWasWritten()
    {
        foreach (var targets in (TaskTargets[])[Task.Targets, new GradeScale(2.5, 1.25)])
        {
            (Task with { Targets = targets }).Save(folder.Path);
            var read = FinetunedTask.Load(folder.Path);
            Assert.Equal(Task with { Targets = read.Targets, Columns = read.Columns }, read);
            Assert.Equal(Task.Columns.Texts, read.Columns.Texts);
            Assert.Equal(Task.Columns.Label, read.Columns.Label);
            Assert.Equal((targets as LabelSet)?.Names, (read.Targets as LabelSet)?.Names);
            Assert.Equal((targets as GradeScale)?.Deviation, (read.Targets as GradeScale)?.Deviation);
        }
    }

    [Theory]
    [InlineData("\"task\": \"Classification\"", "\"task\": \"Sorting\"", "at \"task\": it is 'Sorting', but must be one of Classification")]
    [InlineData("\"task\": \"Classification\"", "\"task\": \"2\"", "at \"task\"")]
    [InlineData("\"task\": \"Classification\"", "\"task\": null", "at \"task\"")]
    [InlineData("\"task\": \"Classification\",", "", "at \"task\"")]
    [InlineData("\"model\": \"TinyClassifier\"", "\"model\": null", "at \"model\": it must be a text")]
    [InlineData("\"tokenizer\": \"bytes\"", "\"tokenizer\": \"../../etc\"", "at \"tokenizer\": '../../etc' is neither")]
    [InlineData("\"tokenizer\": \"bytes\"", "\"tokenizer\": \"..\"", "at \"tokenizer\"")]
    [InlineData("\"tokenizer\": \"bytes\"", "\"tokenizer\": 1", "at \"tokenizer\"")]
    [InlineData("\"length\": 16", "\"length\": 0", "at \"length\": it must be a whole number")]
    [InlineData("\"length\": 16", "\"length\": 2147483648", "at \"length\"")]
    [InlineData("\"length\": 16", "\"length\": 1e3", "at \"length\"")]
    [InlineData("\"length\": 16", "\"length\": null", "at \"length\"")]
    [InlineData("\"truncate\": true", "\"truncate\": null", "at \"truncate\": it must be true or false")]
    [InlineData("\"texts\": [", "\"texts\": null, \"x\": [", "at \"texts\": it must be a list of texts")]
    [InlineData("\"texts\": [", "\"texts\": [null,", "at \"texts\"")]
    [InlineData("\"label\": \"label\"", "\"label\": \" \"", "at \"label\"")]
    [InlineData("\"labels\": [", "\"labels\": [\"neg\",", "at \"labels\": The label 'neg' occurs twice")]
    [InlineData("\"labels\": [", "\"labels\": [\"\",", "at \"labels\"")]
    [InlineData("\"labels\": [", "\"labels\": {}, \"x\": [", "at \"labels\"")]
    [InlineData("\"labels\": [", "\"grades\": [], \"x\": [", "at \"grades\": it must be an object")]
    [InlineData("\"labels\": [", "\"grades\": {\"mean\": 1, \"deviation\": 0}, \"x\": [", "at \"grades\": Grades of mean 1 and deviation 0")]
    [InlineData("\"labels\": [", "\"grades\": {\"mean\": null, \"deviation\": 1}, \"x\": [", "at \"mean\"")]
    [InlineData("\"labels\": [", "\"grades\": {\"mean\": 1, \"deviation\": 1e999}, \"x\": [", "at \"deviation\"")]
    public void AMemberThatIsAbsurdIsNamedWithTheFile(string member, string with, string message)
    {
        Task.Save(folder.Path);
        var path = folder.File(FinetunedTask.FileName);
        var text = File.ReadAllText(path);
        Assert.Contains(member, text);
        File.WriteAllText(path, text.Replace(member, with, StringComparison.Ordinal));
        var error = Assert.Throws<GptGenException>(() => FinetunedTask.Load(folder.Path));
        Assert.Contains(message, error.Message);
        Assert.StartsWith($"'{path}' is damaged", error.Message);
    }

    [Fact]
    public void ATaskThatDoesNotFitItsModelIsRefused()
    {
        var model = TinyClassifier.Specification;
        Task.Check(model);
        Assert.Contains(
            "4 labels, not 1000", Refusal(Task with { Targets = new LabelSet([.. Enumerable.Range(0, 1000).Select(static i => $"l{i}")]) }));
        Assert.Contains("a context of 24 tokens, not 2147483647", Refusal(Task with { Length = int.MaxValue }));
        Assert.Contains("labels of Classification", Refusal(Task with { Kind = TaskKind.Entailment }));
        Assert.Contains("labels of Classification", Refusal(Task with { Targets = new GradeScale(0, 1) }));
        Assert.Contains("1 texts an example, not 2", Refusal(Task with { Columns = new(["a", "b"]) }));
        string Refusal(FinetunedTask task) => Assert.Throws<GptGenException>(() => task.Check(model)).Message;
    }

    /// <summary>Any damage is told in one line: bytes cut, changed, doubled and put in another place.</summary>
    [Fact]
    public void MutantsAreReadOrRefused()
    {
        Task.Save(folder.Path);
        var path = folder.File(FinetunedTask.FileName);
        foreach (var mutant in Mutants.Of(File.ReadAllBytes(path), 400, seed: 17))
        {
            File.WriteAllBytes(path, mutant);
            Mutants.AcceptsOrRefuses(() => FinetunedTask.Load(folder.Path).Check(TinyClassifier.Specification), mutant);
        }
    }

    [Theory]
    [InlineData("a.tsv", "text\tlabel\n\"a \"\"b\"\"\"\tx\nc\ty\n")]
    [InlineData("a.csv", "text,label\n\"a, \"\"b\"\"\r\nc\",x\n d ,y\n")]
    [InlineData("b.csv", "sep=;\ntext;label\na;1\nb;2,5\n")]
    [InlineData("a.jsonl", "{\"text\": \"a\\u00e9\", \"label\": 1}\n{\"text\": [\"b\"], \"label\": NaN}\n")]
    [InlineData("a.json", "[{\"text\": \"a\", \"label\": true},\n {\"text\": \"b\", \"label\": null}]")]
    public void MutantsOfTablesAreReadOrRefused(string name, string content)
    {
        foreach (var mutant in Mutants.Of(Encoding.UTF8.GetBytes(content), 600, seed: 17))
        {
            var path = folder.Write(name, mutant);
            Mutants.AcceptsOrRefuses(() => LabelSet.Of(TaskFile.Read(path, new(["text"]))), mutant);
            Mutants.AcceptsOrRefuses(() => TaskFile.Read(path, new(["text"]), needsLabels: false), mutant);
        }
    }
}
