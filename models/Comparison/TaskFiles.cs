using System.Text;
using GptGen.Checkpoints;
using GptGen.Files;
using GptGen.Finetuning;

namespace GptGen.Models.Comparison;

/// <summary>
/// Writes the examples as <c>gptgen finetune</c> reads them: <c>train.tsv</c>, <c>validation.tsv</c> and <c>test.tsv</c> in a folder.
/// </summary>
internal static class TaskFiles
{
    internal static void Write(TaskSet set, string folder)
    {
        Directory.CreateDirectory(folder);
        foreach (var (name, examples) in new[] { ("train", set.Training), ("validation", set.Validation), ("test", set.Test) })
            AtomicFile.Write(Path(folder, name), stream => stream.Write(Encoding.UTF8.GetBytes(Table(set.Kind, examples))));
    }

    /// <summary>Takes such files over as they are.</summary>
    internal static void Copy(string from, string folder)
    {
        Directory.CreateDirectory(folder);
        foreach (var part in (ReadOnlySpan<string>)["train", "validation", "test"])
        {
            var content = InputFile.ReadAll(Path(from, part), "examples");
            AtomicFile.Write(Path(folder, part), stream => stream.Write(content));
        }
    }

    /// <summary>The file of a part.</summary>
    internal static string Path(string folder, string part) => System.IO.Path.Combine(folder, part + ".tsv");

    // No text holds a tab or a line's end: its white space was joined when it was read.
    private static string Table(TaskKind kind, List<TaskExample> examples)
    {
        var columns = TaskColumns.Default(kind, examples[0].Texts.Count - 1);
        return string.Concat(examples.Select(static example => $"{string.Join('\t', example.Texts)}\t{example.Label}\n")
            .Prepend($"{string.Join('\t', columns.Texts)}\t{columns.Label}\n"));
    }
}
