using System.Text;
using GptGen.Checkpoints;
using GptGen.Finetuning;
using GptGen.Models.Commands;
using GptGen.Text;

namespace GptGen.Models.Comparison;

/// <summary>
/// What all systems of a comparison read, as files in its folder: the text to train on, the text to measure on, the vocabulary that both make, the
/// tasks, and the pairs of an encoder-decoder.
/// </summary>
internal sealed class ComparisonCorpus
{
    private const string TextName = "text.txt";
    private const string HeldOutName = "held-out.txt";
    private const string PairsName = "pairs.tsv";
    private const string TokenizerName = "tokenizer";
    private const double HeldOutShare = 0.1;

    /// <summary>The kinds of tasks with the names of their folders.</summary>
    private static readonly (TaskKind Kind, string Name)[] s_tasks =
    [
        (TaskKind.Entailment, "entailment"), (TaskKind.MultipleChoice, "choice"), (TaskKind.Classification, "classification"),
        (TaskKind.Similarity, "similarity"),
    ];

    private ComparisonCorpus(
        string folder, string text, string heldOut, Tokenizer tokenizer, IReadOnlyList<TaskSet> tasks, string? pairs)
    {
        (TextPath, Text, HeldOut, Tokenizer, Tasks, PairsPath) =
            (Path.Combine(folder, TextName), text, heldOut, tokenizer, tasks, pairs);
        HeldOutBytes = Encoding.UTF8.GetByteCount(heldOut);
    }

    /// <summary>The file of the text to train on.</summary>
    internal string TextPath { get; }

    /// <summary>The text to train on.</summary>
    internal string Text { get; }

    /// <summary>The text to measure on.</summary>
    internal string HeldOut { get; }

    /// <summary>Its bytes.</summary>
    internal int HeldOutBytes { get; }

    /// <summary>The vocabulary of all systems.</summary>
    internal Tokenizer Tokenizer { get; }

    /// <summary>The tasks; none where there are none for the text.</summary>
    internal IReadOnlyList<TaskSet> Tasks { get; }

    /// <summary>The file of summaries and names that an encoder-decoder is trained on; null for text of one's own.</summary>
    internal string? PairsPath { get; }

    /// <summary>Makes the files, or finds them made.</summary>
    /// <exception cref="GptGenException">The text or a task cannot be read, or a file cannot be written.</exception>
    internal static ComparisonCorpus Open(string folder, ComparisonSettings settings, CancellationToken cancellation)
    {
        var isOwn = settings.Data.Length > 0;
        var documentation = isOwn ? null : Waiting.For("reading the SDK's documentation", static () => new DocumentationTasks(MemberReader.Read()));
        var (text, heldOut) = documentation is null
            ? Cut(TextCorpus.Load(settings.Data, Note.Show, cancellation))
            : (documentation.PretrainingText, documentation.HeldOutText);
        Write(Path.Combine(folder, TextName), text);
        Write(Path.Combine(folder, HeldOutName), heldOut);
        IReadOnlyList<TaskSet> tasks = settings.Tasks is { } path ? Read(path) : documentation?.All ?? [];
        if (settings.Tasks is null)
        {
            foreach (var set in tasks)
                TaskFiles.Write(set, Path.Combine(folder, set.Name));
        }

        var pairs = documentation is null ? null : Path.Combine(folder, PairsName);
        if (pairs is not null)
            Write(pairs, string.Concat(documentation!.Pairs.Select(static pair => $"{pair.Source}\t{pair.Target}\n")));
        return new(
            folder, text, heldOut, OpenTokenizer(Path.Combine(folder, TokenizerName), text, cancellation),
            [.. tasks.Select(set => set.Take(settings.ExampleShare))], pairs);
    }

    private static void Write(string path, string text) => AtomicFile.Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(text)));

    /// <summary>The beginning of a text to train on and its end to measure on, cut at a line's end where there is one.</summary>
    private static (string Text, string HeldOut) Cut(TextCorpus corpus)
    {
        var all = string.Join("\n\n", corpus.Documents.Select(Encoding.UTF8.GetString));
        var place = (int)(all.Length * (1 - HeldOutShare));
        place = all.IndexOf('\n', place) is >= 0 and var end ? end + 1 : place;
        return place > 0 && place < all.Length
            ? (all[..place], all[place..])
            : throw new GptGenException($"'{corpus.Source}' is too short to hold out a tenth of it: give more text with --data.");
    }

    /// <summary>
    /// Every system has the same tokens: word pieces, because BERT's marks need them. The mark that separates texts ends them too, which an
    /// encoder-decoder asks for.
    /// </summary>
    private static Tokenizer OpenTokenizer(string folder, string text, CancellationToken cancellation)
    {
        if (!Tokenizer.IsIn(folder))
        {
            Waiting.For(
                "learning the vocabulary",
                () => WordPieceTrainer.Train(TextCorpus.FromText(TextName, text), ComparisonSettings.Vocabulary, cancellation: cancellation)
                    .Save(folder));
        }

        Write(Path.Combine(folder, "special_tokens_map.json"), "{ \"eos_token\": \"[SEP]\" }\n");
        return Tokenizer.Open(folder, Note.Show);
    }

    /// <summary>The tasks in a folder's folders, each with train, validation and test.</summary>
    private static List<TaskSet> Read(string path)
    {
        List<TaskSet> sets = [];
        foreach (var (kind, name) in s_tasks)
        {
            var folder = Path.Combine(path, name);
            if (!Directory.Exists(folder))
                continue;
            var training = TaskFiles.Path(folder, "train");
            var columns = TaskColumns.Default(
                kind, kind == TaskKind.MultipleChoice ? TaskTable.Read(training, Note.Show).CountColumns("choice") : 0);
            List<TaskExample> Examples(string file) =>
                [.. TaskFile.Read(TaskFiles.Path(folder, file), kind, columns, needsLabels: true, Note.Show)];
            sets.Add(new(kind, Examples("train"), Examples("validation"), Examples("test")));
        }

        return sets.Count > 0
            ? sets
            : throw new GptGenException(
                $"'{path}' holds none of the folders {string.Join(", ", s_tasks.Select(static task => task.Name))}: each is to hold train.tsv, "
                + "validation.tsv and test.tsv, as 'gptgen finetune' reads them.");
    }
}
