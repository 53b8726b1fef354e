namespace GptGen.Models.Tests.Documentation;

/// <summary>The files that the documentation's commands speak of, small, in a folder: those that a reader has before a page begins.</summary>
internal sealed class DocumentedFiles : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly Action<string[]> run;

    /// <param name="run">Runs a command in the working folder.</param>
    internal DocumentedFiles(Action<string[]> run) => this.run = run;

    /// <summary>Makes them in a folder of a page's own.</summary>
    internal string For(string page)
    {
        var own = System.IO.Path.GetFileNameWithoutExtension(page);
        foreach (var name in (string[])[
            "text.txt", "book.txt", "texts/a.txt", "web/a.txt", "article.txt", "document.txt", "README.md", "tinyshakespeare.txt"])
            folder.Write($"{own}/{name}", TinyRun.Text);
        foreach (var name in (string[])["train.tsv", "test.tsv", "new.tsv"])
            folder.Write($"{own}/{name}", Rows("text\tlabel", static row => $"gear {row} turns\t{(row % 2 == 0 ? "even" : "odd")}"));
        foreach (var name in (string[])["train", "validation", "test"])
        {
            folder.Write(
                $"{own}/FOLDER/entailment/{name}.tsv",
                Rows("premise\thypothesis\tlabel", static row => $"gear {row}\twheel {row}\t{(row % 2 == 0 ? "yes" : "no")}"));
        }

        folder.Write($"{own}/pairs.txt", "sea otter = loutre de mer\n");
        folder.Write($"{own}/my-pairs.tsv", string.Concat(Enumerable.Range(0, 60).Select(static row => $"gear {row}\twheel {row}\n")));
        folder.Write($"{own}/small.options", "--model gpt2-nano\n");
        folder.Write($"{own}/dump.jsonl", "{\"text\": \"The gear.\"}\n{\"text\": \"The wheel.\"}\n");
        return folder.File(own);
    }

    /// <summary>A run of the smallest model where the working folder needs one, and what stands for published weights.</summary>
    internal void Train(IEnumerable<DocumentedCommand> commands)
    {
        var named = commands.Where(static command => command.NotRun is null).SelectMany(static command => command.Words).ToHashSet();
        var isMade = commands.Any(static command => command.Words is ["train", ..] && !command.Words.Contains("--out") && command.NotRun is null);
        if (!isMade || named.Contains("RUN") || named.Contains("gpt2"))
            run(["train", "--data", "text.txt", "--out", "RUN", "--steps", "2", "--batch", "2", "--threads", "1", "--device", "cpu"]);
        if (!isMade && Directory.Exists("RUN"))
        {
            Directory.CreateDirectory("runs");
            foreach (var name in (string[])["gpt2-nano", "gpt2-mini", "gpt2-mini-4k"])
                Copy("RUN", System.IO.Path.Combine("runs", name));
        }

        if (named.Contains("gpt2"))
            run(["convert", "--weights", "RUN", "--out", "gpt2"]);
    }

    public void Dispose() => folder.Dispose();

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.EnumerateFiles(from))
            File.Copy(file, System.IO.Path.Combine(to, System.IO.Path.GetFileName(file)));
    }

    private static string Rows(string head, Func<int, string> row) => $"{head}\n{string.Join('\n', Enumerable.Range(0, 24).Select(row))}\n";
}
