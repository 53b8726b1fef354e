using GptGen.Checkpoints;
using GptGen.Models.Commands;

namespace GptGen.Models.Comparison;

/// <summary>The article's systems on one text, with one vocabulary, about equal sizes and one budget of training tokens.</summary>
internal sealed class ComparisonRun
{
    private const string TableName = "comparison.md";
    private const string PictureName = "comparison.svg";

    /// <summary>Enough for a segment of each of a step's sequences.</summary>
    private const int FewestTokens = 2 * ComparisonSettings.TokensPerStep;

    private ComparisonRun(string folder, ComparisonSettings settings, Device device, CancellationToken cancellation)
    {
        (Folder, Settings, Device) = (folder, settings, device);
        Record = ComparisonRecord.Open(folder, settings, device);
        Corpus = ComparisonCorpus.Open(folder, settings, cancellation);
        Record.TrainingTokens = Corpus.Tokenizer.Encode(Corpus.Text).Length;
        Record.HeldOutBytes = Corpus.HeldOutBytes;
        if (Record.TrainingTokens < FewestTokens)
        {
            throw new GptGenException(
                $"The text to train on has {Record.TrainingTokens} tokens, but at least {FewestTokens} are needed: give more text with --data.");
        }
    }

    internal string Folder { get; }

    internal ComparisonSettings Settings { get; }

    internal Device Device { get; }

    internal ComparisonCorpus Corpus { get; }

    internal ComparisonRecord Record { get; }

    /// <summary>Does what is left to do of a comparison, and writes its table, record and picture after each system.</summary>
    /// <param name="folder">The folder, which the caller holds.</param>
    /// <param name="settings">What is compared.</param>
    /// <param name="contenders">The systems that are run.</param>
    /// <param name="device">Where.</param>
    /// <param name="cancellation">Ends the work; what is done stays.</param>
    /// <exception cref="OperationCanceledException">The token asked to stop.</exception>
    internal static ComparisonRecord Run(
        string folder, ComparisonSettings settings, IEnumerable<Contender> contenders, Device device, CancellationToken cancellation)
    {
        var comparison = new ComparisonRun(folder, settings, device, cancellation);
        comparison.Record.Save(folder);
        comparison.RunReferences();
        List<Contender> run =
            [.. contenders.Where(contender => contender.Entry.Kind != ModelKind.Translation || comparison.Corpus.PairsPath is not null)];
        foreach (var contender in run)
        {
            new ContenderRun(contender, comparison).Run(cancellation);
            comparison.Write();
        }

        if (run.Any(contender => comparison.Record.Find(contender.Title, Measure.TrainingRate) is null))
            SpeedRun.Time(run, comparison, cancellation);
        comparison.Write();
        return comparison.Record;
    }

    /// <summary>What is right without a model: the commonest label, and logistic regression on words.</summary>
    private void RunReferences()
    {
        foreach (var set in Corpus.Tasks)
        {
            var measure = Enum.Parse<Measure>(set.Name, ignoreCase: true);
            Record.Set(ComparisonTable.Chance, measure, set.Chance);
            if (Record.Find(ComparisonTable.Words, measure) is null)
            {
                Record.Set(
                    ComparisonTable.Words, measure,
                    Waiting.For($"learning {set.Name} from words alone", () => WordCounts.Accuracy(set, set.Labels)));
            }
        }
    }

    private void Write()
    {
        Record.Save(Folder);
        AtomicFile.Write(Path.Combine(Folder, TableName), stream => stream.Write(System.Text.Encoding.UTF8.GetBytes(ComparisonTable.Write(Record))));
        if (Corpus.Tasks.Count > 0)
            ComparisonPicture.Save(Path.Combine(Folder, PictureName), Record);
    }
}
