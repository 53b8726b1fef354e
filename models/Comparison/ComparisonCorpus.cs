using System.Text;
using GptGen.Checkpoints;
using GptGen.Distributed;
using GptGen.Finetuning;
using GptGen.Models.Commands;
using GptGen.Text;

namespace GptGen.Models.Comparison;

/// <summary>
/// What all systems of a comparison read, as files in its folder: the text to train on, the text to measure on, the vocabulary that both make, the
/// tasks, and the pairs of an encoder-decoder. They are made once: what has changed since where they come from does not change a comparison.
/// </summary>
internal sealed class ComparisonCorpus
{
    private const string TextName = "text.txt";
    private const string HeldOutName = "held-out.txt";
    private const string PairsName = "pairs.tsv";
    private const string TokenizerName = "tokenizer";
    private const double HeldOutShare = 0.1;

    /// <summary>Enough for a segment of each of a step's sequences.</summary>
    private const int FewestTokens = 2 * ComparisonSettings.TokensPerStep;

    /// <summary>The kinds of tasks with the names of their folders.</summary>
    private static readonly (TaskKind Kind, string Name)[] s_tasks =
    [
        (TaskKind.Entailment, "entailment"), (TaskKind.MultipleChoice, "choice"), (TaskKind.Classification, "classification"),
        (TaskKind.Similarity, "similarity"),
    ];

    private ComparisonCorpus(string folder, ComparisonSettings settings)
    {
        TextPath = Path.Combine(folder, TextName);
        HeldOut = File.ReadAllText(Path.Combine(folder, HeldOutName));
        Tokenizer = Tokenizer.Open(Path.Combine(folder, TokenizerName), Note.Show);
        Tasks = Read(folder);
        PairsPath = settings.IsDocumentation ? Path.Combine(folder, PairsName) : null;
    }

    /// <summary>The file of the text to train on.</summary>
    internal string TextPath { get; }

    /// <summary>The text to measure on.</summary>
    internal string HeldOut { get; }

    /// <summary>The vocabulary of all systems.</summary>
    internal Tokenizer Tokenizer { get; }

    /// <summary>The tasks with all their examples; none where there are none for the text.</summary>
    internal IReadOnlyList<TaskSet> Tasks { get; }

    /// <summary>The file of summaries and names that an encoder-decoder is trained on; null where there is none.</summary>
    internal string? PairsPath { get; }

    /// <summary>Makes the files, or finds them made.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="record">The comparison's record, which becomes the folder's first file.</param>
    /// <param name="check">Refuses tasks that cannot be learned, before anything is written.</param>
    /// <param name="cancellation">Ends the work.</param>
    /// <exception cref="GptGenException">The text or a task cannot be read or is too short, or a file cannot be written.</exception>
    internal static ComparisonCorpus Open(
        string folder, ComparisonRecord record, Action<IReadOnlyList<TaskSet>> check, CancellationToken cancellation)
    {
        if (!record.IsPrepared)
            Make(folder, record, check, cancellation);
        return new(folder, record.Settings);
    }

    /// <summary>The files that the first of several processes has made or found.</summary>
    /// <exception cref="GptGenException">This process does not see them.</exception>
    internal static ComparisonCorpus Open(string folder, ComparisonRecord record) => File.Exists(Path.Combine(folder, HeldOutName))
        ? new(folder, record.Settings)
        : throw new GptGenException(
            $"'{folder}' holds no texts that rank 0 has prepared: --out must name a folder on a disk that all processes see.");

    /// <summary>A number that other texts most probably have not.</summary>
    internal double Fingerprint => new Fingerprint().Add(HeldOut).Add(File.ReadAllText(TextPath)).Number;

    private static void Make(string folder, ComparisonRecord record, Action<IReadOnlyList<TaskSet>> check, CancellationToken cancellation)
    {
        var settings = record.Settings;
        var documentation = settings.Data.Length > 0
            ? null
            : Waiting.For("reading the SDK's documentation", static () => new DocumentationTasks(MemberReader.Read()));
        var (text, heldOut) = documentation is null
            ? Cut(TextCorpus.Load(settings.Data, Note.Show, cancellation))
            : (documentation.PretrainingText, documentation.HeldOutText);
        IReadOnlyList<TaskSet> tasks = settings.Tasks is { } path ? ReadNamed(path) : documentation?.All ?? [];
        check(tasks);
        var vocabulary = Waiting.For(
            "learning the vocabulary",
            () => WordPieceTrainer.Train(TextCorpus.FromText(TextName, text), ComparisonSettings.Vocabulary, cancellation: cancellation));
        if (vocabulary.TextTokens < FewestTokens)
        {
            throw new GptGenException(
                $"The text to train on has {vocabulary.TextTokens} tokens, but at least {FewestTokens} are needed: give more text with --data.");
        }

        RequireShort(tasks, vocabulary.Tokenizer);
        // From here on the folder is a comparison, whatever ends this; what a killed one left is made again.
        record.Save(folder);
        Write(Path.Combine(folder, TextName), text);
        Write(Path.Combine(folder, HeldOutName), heldOut);
        if (settings.IsDocumentation)
            Write(Path.Combine(folder, PairsName), string.Concat(documentation!.Pairs.Select(static pair => $"{pair.Source}\t{pair.Target}\n")));
        foreach (var set in tasks)
        {
            if (settings.Tasks is { } from)
                TaskFiles.Copy(Path.Combine(from, set.Name), Path.Combine(folder, set.Name));
            else
                TaskFiles.Write(set, Path.Combine(folder, set.Name));
        }

        var tokenizer = Path.Combine(folder, TokenizerName);
        if (!Tokenizer.IsIn(tokenizer))
            vocabulary.Save(tokenizer);
        // The mark that separates texts ends them too, which an encoder-decoder asks for.
        Write(Path.Combine(tokenizer, "special_tokens_map.json"), "{ \"eos_token\": \"[SEP]\" }\n");
        record.TextTokens = vocabulary.TextTokens;
        record.HeldOutBytes = Encoding.UTF8.GetByteCount(heldOut);
        record.HeldOutUnknown = vocabulary.Tokenizer.Encode(heldOut).Count(token => token == vocabulary.Tokenizer.Unknown);
        record.IsPrepared = true;
        record.Save(folder);
    }

    /// <summary>Test texts are read whole by every system.</summary>
    private static void RequireShort(IEnumerable<TaskSet> tasks, WordPieceTokenizer tokenizer)
    {
        foreach (var example in tasks.SelectMany(static set => set.Test))
        {
            if (example.Texts.Max(text => tokenizer.Encode(text).Length) is var length and > TaskRun.LongestText)
            {
                throw new GptGenException(
                    $"{example.Source}: a text has {length} tokens, but {TaskRun.LongestText} is the most that is compared: leave it out.");
            }
        }
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

    private static List<TaskSet> ReadNamed(string path) => Read(path) is { Count: > 0 } sets
        ? sets
        : throw new GptGenException(
            $"'{path}' holds none of the folders {string.Join(", ", s_tasks.Select(static task => task.Name))}: each is to hold train.tsv, "
            + "validation.tsv and test.tsv, as 'gptgen finetune' reads them.");

    /// <summary>The tasks in a folder's folders, each with train, validation and test.</summary>
    private static List<TaskSet> Read(string path)
    {
        List<TaskSet> sets = [];
        foreach (var (kind, name) in s_tasks)
        {
            var folder = Path.Combine(path, name);
            if (!Directory.Exists(folder))
                continue;
            var columns = TaskColumns.Default(
                kind,
                kind == TaskKind.MultipleChoice ? TaskTable.Read(TaskFiles.Path(folder, "train"), Note.Show).CountColumns("choice") : 0);
            sets.Add(new(kind, Examples("train"), Examples("validation"), Examples("test")));

            List<TaskExample> Examples(string part) =>
                [.. TaskFile.Read(TaskFiles.Path(folder, part), kind, columns, needsLabels: true, Note.Show)];
        }

        return sets;
    }
}
