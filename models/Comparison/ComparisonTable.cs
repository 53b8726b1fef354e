using System.Globalization;
using System.Text;

namespace GptGen.Models.Comparison;

/// <summary>The comparison as a page of Markdown that can be read as it is.</summary>
internal static class ComparisonTable
{
    /// <summary>The row of the training examples' commonest label.</summary>
    internal const string Commonest = "commonest label";

    /// <summary>The row of logistic regression on words.</summary>
    internal const string Words = "words alone";

    private const string Nothing = "—";
    private const string Missing = "";

    private static readonly (Measure Measure, string Header, Func<double, string> Format)[] s_columns =
    [
        (Measure.Parameters, "parameters", static value => Number(value, "N0")),
        (Measure.PerplexityPerByte, "perplexity a byte", static value => Number(value, "F3")),
        (Measure.BitsPerByte, "bits a byte", static value => Number(value, "F3")),
        (Measure.Entailment, "entailment", Percent),
        (Measure.Choice, "choice", Percent),
        (Measure.Classification, "classification", Percent),
        (Measure.Similarity, "similarity", Percent),
        (Measure.ZeroShotEntailment, "entailment, zero-shot", Percent),
        (Measure.ZeroShotChoice, "choice, zero-shot", Percent),
        (Measure.TrainingRate, "trained tokens/s", static value => Number(value, "N0")),
        (Measure.ReadingRate, "read tokens/s", static value => Number(value, "N0")),
        (Measure.TrainingMemory, "training MB", static value => Number(value, "N0")),
    ];

    /// <summary>The page.</summary>
    internal static string Write(ComparisonRecord record)
    {
        var settings = record.Settings;
        var page = new StringBuilder();
        page.Append(
            CultureInfo.InvariantCulture,
            $"{record.Date}, {(record.Machine.Length == 0 ? settings.Device : record.Machine)}"
            + $"{(settings.Precision == ComparisonSettings.Float32 ? "" : $" in {settings.Precision}")}; "
            + $"{settings.Steps:N0} steps of about {ComparisonSettings.TokensPerStep:N0} tokens of {record.TextTokens:N0}, "
            + $"of which the last tenth only watches; measured on {record.HeldOutBytes:N0} other bytes ({record.HeldOutUnknown:N0} tokens unknown)");
        if (record.Systems.ContainsKey(Commonest))
        {
            page.Append(
                CultureInfo.InvariantCulture,
                $"; fine-tuned for {settings.Epochs} epochs on {100 * settings.ExampleShare:N0} % of the tasks' examples");
        }

        var seeds = record.Seeds.Select(static one => one.Settings.Seed).ToList();
        page.Append(seeds.Count == 1 ? "; seed " : "; seeds ").AppendJoin(", ", seeds)
            .Append(seeds.Count == 1 ? ".\n\n" : ": means, and in brackets the lowest and the highest.\n\n");
        List<string[]> rows = [["system", .. s_columns.Select(static column => column.Header)]];
        foreach (var title in (string[])[Commonest, Words])
        {
            if (record.Systems.ContainsKey(title))
                rows.Add(Row(record, title, static _ => Nothing));
        }

        var contenders = Contender.All.Where(contender => record.Systems.ContainsKey(contender.Title)).ToList();
        rows.AddRange(contenders.Select(
            contender => Row(record, contender.Title, measure => contender.Lack(measure) is null ? Missing : Nothing)));
        WriteTable(page, rows);
        WriteReasons(page, record, contenders);
        return page.ToString();
    }

    private static string[] Row(ComparisonRecord record, string title, Func<Measure, string> otherwise) =>
        [title, .. s_columns.Select(column => Cell(record.FindAll(title, column.Measure), column.Format) ?? otherwise(column.Measure))];

    /// <summary>A number, or the mean of several seeds' with the lowest and the highest; null where there is none.</summary>
    private static string? Cell(IReadOnlyList<double> values, Func<double, string> format)
    {
        if (values.Count == 0)
            return null;
        var (mean, lowest, highest) = (format(values.Average()), format(values.Min()), format(values.Max()));
        return lowest == highest ? mean : $"{mean} ({lowest} – {highest})";
    }

    /// <summary>Columns of equal width, the first to the left and numbers to the right.</summary>
    private static void WriteTable(StringBuilder page, List<string[]> rows)
    {
        var widths = Enumerable.Range(0, rows[0].Length).Select(column => rows.Max(row => row[column].Length)).ToArray();
        Line(rows[0]);
        page.Append('|').AppendJoin('|', widths.Select(
            static (width, column) => new string('-', width + 1) + (column == 0 ? '-' : ':'))).Append("|\n");
        foreach (var row in rows.Skip(1))
            Line(row);

        void Line(string[] row) => page.Append("| ").AppendJoin(
            " | ", row.Select((cell, column) => column == 0 ? cell.PadRight(widths[0]) : cell.PadLeft(widths[column]))).Append(" |\n");
    }

    /// <summary>Why a row has no number, and what was measured beside the table.</summary>
    private static void WriteReasons(StringBuilder page, ComparisonRecord record, List<Contender> contenders)
    {
        page.Append('\n');
        foreach (var contender in contenders)
        {
            foreach (var reason in s_columns.Where(column => record.Find(contender.Title, column.Measure) is null)
                .GroupBy(column => contender.Lack(column.Measure)).Where(static group => group.Key is not null))
            {
                var headers = string.Join("; ", reason.Select(static column => column.Header));
                page.Append(CultureInfo.InvariantCulture, $"- {contender.Title} has no {headers}: {reason.Key}.\n");
            }

            foreach (var one in record.Seeds)
            {
                var title = record.OtherSeeds is null ? contender.Title : $"{contender.Title} with seed {one.Settings.Seed}";
                foreach (var remark in one.Remarks.GetValueOrDefault(contender.Title) ?? [])
                    page.Append(CultureInfo.InvariantCulture, $"- {title}: {remark}.\n");
            }
        }
    }

    private static string Percent(double value) => Number(100 * value, "F1") + " %";

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
