using System.Text;
using GptGen.Checkpoints;
using GptGen.Distributed;
using GptGen.Models.Commands;

namespace GptGen.Models.Comparison;

/// <summary>The article's systems on one text, with one vocabulary, about equal sizes and one budget of training tokens, with one seed.</summary>
internal sealed class ComparisonRun
{
    private const string TableName = "comparison.md";
    private const string PictureName = "comparison.svg";

    private readonly string whole;
    private readonly ComparisonRecord all;

    private ComparisonRun(string folder, ComparisonRecord all, int seed, ComparisonCorpus corpus, Device device, Communicator? others)
    {
        (whole, this.all, Corpus, Device, Others) = (folder, all, corpus, device, others);
        Record = all.OfSeed(seed);
        Folder = seed == 0 ? folder : Path.Combine(folder, FormattableString.Invariant($"seed-{Record.Settings.Seed}"));
        Tasks = [.. corpus.Tasks.Select(set => set.Take(Record.Settings.ExampleShare, Record.Settings.Seed))];
    }

    /// <summary>The folder of the systems' checkpoints with this seed.</summary>
    internal string Folder { get; }

    internal Device Device { get; }

    /// <summary>The processes that divide the work; null for one.</summary>
    internal Communicator? Others { get; }

    /// <summary>Whether this process reads and writes the comparison's files: the first of several.</summary>
    internal bool IsFirst => Others.IsFirstOrAlone();

    internal ComparisonCorpus Corpus { get; }

    /// <summary>The tasks with the examples that are used.</summary>
    internal IReadOnlyList<TaskSet> Tasks { get; }

    /// <summary>What is found with this seed.</summary>
    internal ComparisonRecord Record { get; }

    /// <summary>Does what is left to do of a comparison, and writes its table, record and picture after each system.</summary>
    /// <param name="folder">The folder, which the caller holds.</param>
    /// <param name="settings">What is compared.</param>
    /// <param name="seeds">With how many seeds, of which the settings have the first: as many whole comparisons of the same text and tasks.</param>
    /// <param name="contenders">The systems that are run.</param>
    /// <param name="device">Where.</param>
    /// <param name="others">The processes that divide the work, whose first alone writes; null for one.</param>
    /// <param name="cancellation">Ends the work; what is done stays.</param>
    /// <exception cref="GptGenException">Text, tasks or folder are wrong.</exception>
    /// <exception cref="OperationCanceledException">The token asked to stop.</exception>
    internal static ComparisonRecord Run(
        string folder, ComparisonSettings settings, int seeds, IReadOnlyList<Contender> contenders, Device device, Communicator? others,
        CancellationToken cancellation)
    {
        var record = others.IsFirstOrAlone() ? ComparisonRecord.Open(folder, settings) : null;
        var corpus = record is null ? null : ComparisonCorpus.Open(folder, record, Check, cancellation);
        if (others is not null)
        {
            // Preparing the text may take the first process long.
            others.AwaitFirst();
            record = ComparisonRecord.Parse(others.Broadcast(record?.ToJson()));
            corpus ??= ComparisonCorpus.Open(folder, record);
            Agreement.Require(others, ("texts", corpus.Fingerprint));
        }

        for (var seed = 0; seed < seeds; seed++)
            new ComparisonRun(folder, record!, seed, corpus!, device, others).Run(contenders, isTimed: seed == 0, cancellation);
        return record!;

        // Said before hours of training.
        void Check(IReadOnlyList<TaskSet> tasks)
        {
            foreach (var contender in contenders.Where(static contender => contender.IsFinetuned))
            {
                foreach (var set in tasks)
                    _ = TaskRun.Find(contender.Model, set);
            }
        }
    }

    /// <summary>Keeps what is found.</summary>
    internal void Save()
    {
        if (IsFirst)
            all.Save(whole);
    }

    private void Run(IReadOnlyList<Contender> contenders, bool isTimed, CancellationToken cancellation)
    {
        if (IsFirst)
            RunReferences();
        Others?.AwaitFirst();
        Write();
        foreach (var contender in contenders)
        {
            new ContenderRun(contender, this).Run(cancellation);
            Write();
        }

        if (!isTimed)
            return;
        if (Others is not null)
        {
            Note.Show("speeds are those of one process: start the same command without a launcher to add them");
            return;
        }

        TimeAll(contenders, cancellation);
        Write();
    }

    /// <summary>What is right without a model: the commonest label, and logistic regression on words.</summary>
    private void RunReferences()
    {
        foreach (var set in Tasks)
        {
            if (Record.Find(ComparisonTable.Words, set.Measure) is not null)
                continue;
            Record.Set(ComparisonTable.Commonest, set.Measure, set.CommonestLabel());
            var accuracy = Waiting.For($"learning {set.Name} from words alone", () => WordCounts.Accuracy(set, set.Labels));
            Record.Set(ComparisonTable.Words, set.Measure, accuracy);
        }
    }

    /// <summary>Speeds are of one machine: on another, those of the systems measured before are dropped.</summary>
    private void TimeAll(IReadOnlyList<Contender> contenders, CancellationToken cancellation)
    {
        var machine = MachineName.Describe(Device);
        if (Record.Machine == machine && contenders.All(contender => Record.Find(contender.Title, Measure.TrainingRate) is not null))
            return;
        if (Record.Machine != machine)
        {
            foreach (var numbers in Record.Systems.Values)
            {
                numbers.Remove(Measure.TrainingRate);
                numbers.Remove(Measure.ReadingRate);
            }
        }

        SpeedRun.Time(contenders, this, cancellation);
        Record.Machine = machine;
    }

    private void Write()
    {
        if (!IsFirst)
            return;
        Save();
        var page = Encoding.UTF8.GetBytes(ComparisonTable.Write(all));
        AtomicFile.Write(Path.Combine(whole, TableName), stream => stream.Write(page));
        if (Tasks.Count > 0)
            ComparisonPicture.Save(Path.Combine(whole, PictureName), all);
    }
}
