namespace GptGen.Finetuning;

/// <summary>A row of a data file.</summary>
internal abstract class TableRow(int line)
{
    private const int MostNames = 8;

    /// <summary>The line of the file that the row begins on, from 1.</summary>
    internal int Line => line;

    /// <summary>The names of its columns.</summary>
    internal abstract IEnumerable<string> Columns { get; }

    /// <summary>The same for messages; of many the first ones.</summary>
    internal string Names
    {
        get
        {
            var more = Columns.Count() - MostNames;
            return $"{string.Join(", ", Columns.Take(MostNames).Select(MessageText.Shorten))}{(more > 0 ? $" and {more} more" : "")}";
        }
    }

    /// <summary>Columns that the first line names and this line is too short for.</summary>
    internal virtual IEnumerable<string> Missing => [];

    /// <summary>What to do where a column is missing and has no other name.</summary>
    internal virtual string Otherwise => "or put a line with the columns' names first where there is none";

    /// <summary>The field of a column; null where there is no such column.</summary>
    internal abstract TableField? Find(string column);
}

/// <summary>A field of a row.</summary>
/// <param name="Texts">Its text; several of a JSON array.</param>
/// <param name="Fault">What it holds in the place of texts, as "an object"; null where it has texts.</param>
internal readonly record struct TableField(string[] Texts, string? Fault = null);
