using System.Text;
using GptGen.Checkpoints;
using GptGen.Models.Commands;

namespace GptGen.Models.Comparison;

/// <summary>The article's systems on one text, with one vocabulary, about equal sizes and one budget of training tokens.</summary>
internal sealed class ComparisonRun
{
    private const string TableName = "comparison.md";
    private const string PictureName = "comparison.svg";

    private ComparisonRun(
        string folder, ComparisonSettings settings, IReadOnlyList<Contender> contenders, Device device, CancellationToken cancellation)
    {
        (Folder, Device) = (folder, device);
        Record = ComparisonRecord.Open(folder, settings);
        Corpus = ComparisonCorpus.Open(folder, Record, Check, cancellation);

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

    internal string Folder { get; }

    internal Device Device { get; }

    internal ComparisonCorpus Corpus { get; }

    internal ComparisonRecord Record { get; }

    /// <summary>Does what is left to do of a comparison, and writes its table, record and picture after each system.</summary>
    /// <param name="folder">The folder, which the caller holds.</param>
    /// <param name="settings">What is compared.</param>
    /// <param name="contenders">The systems that are run.</param>
    /// <param name="device">Where.</param>
    /// <param name="cancellation">Ends the work; what is done stays.</param>
    /// <exception cref="GptGenException">Text, tasks or folder are wrong.</exception>
    /// <exception cref="OperationCanceledException">The token asked to stop.</exception>
    internal static ComparisonRecord Run(
        string folder, ComparisonSettings settings, IReadOnlyList<Contender> contenders, Device device, CancellationToken cancellation)
    {
        var comparison = new ComparisonRun(folder, settings, contenders, device, cancellation);
        comparison.RunReferences();
        comparison.Write();
        foreach (var contender in contenders)
        {
            new ContenderRun(contender, comparison).Run(cancellation);
            comparison.Write();
        }

        comparison.TimeAll(contenders, cancellation);
        comparison.Write();
        return comparison.Record;
    }

    /// <summary>What is right without a model: the commonest label, and logistic regression on words.</summary>
    private void RunReferences()
    {
        foreach (var set in Corpus.Tasks)
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
        Record.Save(Folder);
        var page = Encoding.UTF8.GetBytes(ComparisonTable.Write(Record));
        AtomicFile.Write(Path.Combine(Folder, TableName), stream => stream.Write(page));
        if (Corpus.Tasks.Count > 0)
            ComparisonPicture.Save(Path.Combine(Folder, PictureName), Record);
    }
}
