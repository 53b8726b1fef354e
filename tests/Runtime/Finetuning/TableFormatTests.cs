using System.Text;
using GptGen.Finetuning;
using Xunit;

namespace GptGen.Runtime.Tests.Finetuning;

/// <summary>What spreadsheets, pandas and writers of JSON make is read as they mean it, or refused by name.</summary>
public sealed class TableFormatTests : IDisposable
{
    private static readonly TaskColumns Text = new(["text"]);

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("cr.csv", "text,label\rgood day,pos\rbad day,neg")]
    [InlineData("cr-with-cells-of-lines.csv", "text,label,other\rgood day,pos,\"a\nb\"\rbad day,neg,c\r")]
    [InlineData("cr.tsv", "text\tlabel\rgood day\tpos\rbad day\tneg\r")]
    [InlineData("cr.jsonl", "{\"text\":\"good day\",\"label\":\"pos\"}\r{\"text\":\"bad day\",\"label\":\"neg\"}\r")]
    [InlineData("crlf.csv", "text,label\r\ngood day,pos\r\nbad day,neg")]
    [InlineData("blank-lines.csv", "\n\ntext,label\n\ngood day,pos\n \n\nbad day,neg\n\n")]
    [InlineData("index.csv", ",text,label\n0,good day,pos\n1,bad day,neg\n")]
    [InlineData("index.tsv", "\ttext\tlabel\n0\tgood day\tpos\n1\tbad day\tneg\n")]
    [InlineData("trailing-columns.csv", "text,label,,\ngood day,pos,,\nbad day,neg\n")]
    [InlineData("trailing-separators.csv", "text,label\ngood day,pos,,\nbad day,neg,\n")]
    [InlineData("trailing-rows.csv", "text,label\ngood day,pos\nbad day,neg\n,\n,\n")]
    [InlineData("excel.csv", "sep=;\r\ntext;label\r\ngood day;pos\r\nbad day;neg\r\n")]
    [InlineData("excel-tabs.csv", "sep=\t\ntext\tlabel\ngood day\tpos\nbad day\tneg\n")]
    [InlineData("semicolon.csv", "text;label\ngood day;pos\nbad day;neg\n")]
    [InlineData("semicolon-with-commas.csv", "text;label;note\ngood day;pos;0,5\nbad day;neg;\"1;5\"\n")]
    [InlineData("tabs.csv", "text\tlabel\ngood day\tpos\nbad day\tneg\n")]
    [InlineData("bars.csv", "text|label\ngood day|pos\nbad day|neg\n")]
    [InlineData("commas.tsv", "text,label\n\"good day\",pos\nbad day,neg\n")]
    [InlineData("spaces.csv", "text, label\n\"good day\" , \"pos\"\nbad day, neg\n")]
    [InlineData("quoted.tsv", "\"text\"\t\"label\"\n\"good day\"\t\"pos\"\n\"bad day\"\t\"neg\"\n")]
    [InlineData("array.json", "[{\"text\":\"good day\",\"label\":\"pos\"},{\"text\":\"bad day\",\"label\":\"neg\"}]")]
    [InlineData("array-of-lines.json", "[\n{\"text\":\"good day\",\"label\":\"pos\"},\n{\"text\":\"bad day\",\"label\":\"neg\"}\n]\n")]
    [InlineData("array.jsonl", "[{\"text\":\"good day\",\"label\":\"pos\"},{\"text\":\"bad day\",\"label\":\"neg\"}]")]
    [InlineData(
        "indented.json",
        "[\n  {\n    \"text\": \"good day\",\n    \"label\": \"pos\"\n  },\n  {\n    \"text\": \"bad day\",\n    \"label\": \"neg\"\n  }\n]\n")]
    [InlineData("indented.jsonl", "{\n  \"text\": \"good day\",\n  \"label\": \"pos\"\n}\n{\n  \"text\": \"bad day\",\n  \"label\": \"neg\"\n}\n")]
    [InlineData(
        "nested.jsonl", "{\"text\":\"good day\",\"label\":\"pos\",\"meta\":{\"a\":[1]}}\n{\"text\":\"bad day\",\"label\":\"neg\",\"meta\":null}\n")]
    [InlineData("python.json", "[{\"text\":\"good day\",\"label\":\"pos\",\"score\":NaN},{\"text\":\"bad day\",\"label\":\"neg\",\"score\":NaN}]")]
    public void ItIsReadAsItIsMeant(string name, string content)
    {
        var expected = new[] { ("good day", "pos"), ("bad day", "neg") };
        Assert.Equal(expected, Read(folder.Write(name, content)));
        Assert.Equal(expected, Read(folder.Write("mark-" + name, "\uFEFF" + content)));
        foreach (var encoding in (Encoding[])[Encoding.Unicode, Encoding.BigEndianUnicode, Encoding.UTF32])
            Assert.Equal(expected, Read(folder.Write($"{encoding.WebName}-{name}", [.. encoding.GetPreamble(), .. encoding.GetBytes(content)])));
    }

    [Theory]
    [InlineData("glue.tsv", "text\tlabel\n\"Go,\" he said\tpos\n\"Bad\"\tneg\n", "\"Go,\" he said", "\"Bad\"")]
    [InlineData("split-quotation.tsv", "text\tlabel\n\"I like it.\tpos\nYou will too.\"\tneg\n", "\"I like it.", "You will too.\"")]
    [InlineData("pandas.tsv", "text\tlabel\n\"say \"\"hi\"\"\"\tpos\nplain\tneg\n", "say \"hi\"", "plain")]
    [InlineData("lines.tsv", "text\tlabel\n\"a\nb\tc\"\tpos\nplain\tneg\n", "a\nb\tc", "plain")]
    [InlineData("inches.csv", "text,label\n5\" disk,pos\n \"hi\" there,neg\n", "5\" disk", " \"hi\" there")]
    [InlineData("carriage-return-inside.csv", "text,label\na\rb,pos\nc,neg\n", "a\rb", "c")]
    [InlineData("one-column.csv", "text\na;b\nc|d\n", "a;b", "c|d")]
    [InlineData("infinity.jsonl", "{\"text\":\"Infinity\",\"score\":Infinity}\n{\"text\":-Infinity,\"score\":[-Infinity,NaN]}\n", "Infinity", "-inf")]
    [InlineData("numbers.jsonl", "{\"text\":5}\n{\"text\":true}\n", "5", "true")]
    public void QuotesAndSeparatorsThatBelongToTextsStay(string name, string content, params string[] texts) =>
        Assert.Equal(texts, TaskFile.Read(folder.Write(name, content), Text, needsLabels: false).Select(static example => example.Texts[0]));

    [Theory]
    [InlineData("columns.json", "{\"text\":{\"0\":\"good\"},\"label\":{\"0\":\"pos\"}}", "orient='records'")]
    [InlineData("index.json", "{\"0\":{\"text\":\"good\",\"label\":\"pos\"}}", "orient='records'")]
    [InlineData("values.json", "[[\"good\",\"pos\"]]", "orient='records'")]
    [InlineData(
        "split.json", "{\"columns\":[\"text\",\"label\"],\"index\":[0],\"data\":[[\"good\",\"pos\"]]}",
        "there is no column 'text', but columns, index, data: name the right one with TaskColumns.Texts, or write each row as an object")]
    [InlineData("table.json", "{\"schema\":{\"fields\":[]},\"data\":[{\"text\":\"good\"}]}", "orient='records'")]
    [InlineData("nested.jsonl", "{\"text\":{\"en\":\"good\"},\"label\":1}", "line 1: column 'text' holds an object")]
    [InlineData("list.jsonl", "{\"text\":[1,2],\"label\":1}", "column 'text' holds a list of something else than texts")]
    [InlineData("null.jsonl", "{\"text\":null,\"label\":1}", "text 1 of 1 is empty")]
    [InlineData("nan.json", "[\n{\"text\":NaN,\"label\":1}]", "line 2: text 1 of 1 is empty")]
    [InlineData("twice.jsonl", "{\"text\":\"a\",\"text\":\"b\",\"label\":1}", "two columns are named 'text'")]
    [InlineData("cut.json", "[{\"text\":\"a\",\"label\":1},\n{\"text\":", "line 2 is not valid JSON")]
    [InlineData("empty-label.jsonl", "{\"text\":\"a\",\"label\":null}", "the label in column 'label' is empty")]
    [InlineData("uneven.csv", "text;label\ngood day;pos\nbad;day;neg\n", "it looks separated by ';'")]
    [InlineData("no-names.csv", "good day,pos\nbad day,neg\n", "put a line with the columns' names first")]
    [InlineData("twice.csv", "text,label,text\na,b,c\n", "line 1: two columns are named 'text'")]
    [InlineData("short.csv", "text,label,more\ngood day,pos\n", "line 2: there are 2 fields, but the first line names 3 columns")]
    [InlineData("long.csv", "text,label\ngood day, friend,pos\n", "line 2: there are 3 fields, but the first line names 2 columns")]
    [InlineData("after-sep.csv", "sep=;\ntext;label\ngood day;\n", "line 3: the label in column 'label' is empty")]
    [InlineData("page.csv", "<!DOCTYPE html>\n<html><body>not found</body></html>", "is a web page (HTML)")]
    [InlineData("pointer.csv", "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n", "Git LFS pointer")]
    [InlineData("table.md", "text,label\na,b\n", "name the file .tsv, .csv, .jsonl or .json")]
    public void ItIsRefusedByName(string name, string content, string message)
    {
        var path = folder.Write(name, content);
        var error = Assert.Throws<GptGenException>(() => TaskFile.Read(path, Text));
        Assert.Contains(message, error.Message);
        Assert.Contains(path, error.Message);
    }

    [Fact]
    public void FilesThatAreNoTextAreNamedByTheirContent()
    {
        (byte[] Start, string Kind)[] files =
        [
            ([.. "PK\u0003\u0004"u8, .. new byte[26], .. "xl/workbook.xml"u8], "an Excel workbook (.xlsx)"),
            (
                [.. "PK\u0003\u0004"u8, .. new byte[26], .. "mimetypeapplication/vnd.oasis.opendocument.spreadsheet"u8],
                "an OpenDocument spreadsheet (.ods)"),
            ([.. "PK\u0003\u0004"u8, .. new byte[26], .. "data.csv"u8], "a zip archive"),
            ([0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1, 0], "an old Excel"),
            ([.. "PAR1"u8, 0x15, 4], "a Parquet file"),
            ([.. "ARROW1"u8, 0, 0], "an Arrow (Feather) file"),
            ([0xFF, 0xFF, 0xFF, 0xFF, 0x10, 0, 0, 0, 0x10], "an Arrow stream"),
            ([0x1F, 0x8B, 8, 0], "compressed with gzip: unpack it with gunzip"),
            ([0x80, 4, 0x95], "a Python pickle"),
            ([.. "SQLite format 3\0"u8], "an SQLite database"),
            ([.. "%PDF-1.7"u8], "a PDF document"),
            ([.. "text,label\n"u8, 0xE4, .. ",a\n"u8], "is not UTF-8 (at byte 11)"),
            ([.. Encoding.Unicode.GetBytes("text,label\n")], "byte 1 is zero"),
            ([0xFF, 0xFE, 0, 0xD8, (byte)'a', 0], "begins as utf-16 and is not"),
        ];
        foreach (var (start, kind) in files)
        {
            foreach (var name in (string[])["x.csv", "x.xlsx", "x.json"])
                Assert.Contains(kind, Assert.Throws<GptGenException>(() => TaskFile.Read(folder.Write(name, start), Text)).Message);
        }

        // A table whose first column is so named is none of them.
        Assert.Equal("a", Assert.Single(TaskFile.Read(folder.Write("x.csv", "PAR1,text,label\n1,a,b\n"), Text)).Texts[0]);
    }

    [Fact]
    public void LabelsThatAreMissingAreNoneWhereTheyAreNotNeeded()
    {
        foreach (var (name, content) in ((string, string)[])[
            ("a.csv", "text,label\ngood day,\nbad day,\n"), ("b.csv", "text,label\ngood day,\nbad day\n"), ("c.csv", "text\ngood day\nbad day\n"),
            ("d.jsonl", "{\"text\":\"good day\",\"label\":null}\n{\"text\":\"bad day\"}\n"),
            ("e.json", "[{\"text\":\"good day\",\"label\":NaN},{\"text\":\"bad day\",\"label\":\"\"}]")])
        {
            var examples = TaskFile.Read(folder.Write(name, content), Text, needsLabels: false);
            Assert.Equal(["good day", "bad day"], examples.Select(static example => example.Texts[0]));
            Assert.All(examples, static example => Assert.Null(example.Label));
        }
    }

    [Fact]
    public void AnotherSeparatorIsNoted()
    {
        var notes = new List<string>();
        TaskFile.Read(folder.Write("a.csv", "text;label\na;b\n"), Text, note: notes.Add);
        Assert.Contains("a.csv' is separated by ';', not by ','", Assert.Single(notes));
        TaskFile.Read(folder.Write("b.csv", "text,label\na,b\n"), Text, note: notes.Add);
        Assert.Single(notes);
    }

    [Fact]
    public void ManyColumnsAndLongFieldsTakeTimeInProportion()
    {
        var wide = string.Join(',', Enumerable.Range(0, 300_000).Select(static i => $"c{i}"));
        var error = Assert.Throws<GptGenException>(() => TaskFile.Read(folder.Write("wide.csv", $"{wide}\n{wide}\n"), Text));
        Assert.Contains("but c0, c1, c2, c3, c4, c5, c6, c7 and 299992 more", error.Message);
        var text = new string('x', 30_000_000);
        Assert.Equal(text.Length, Assert.Single(TaskFile.Read(folder.Write("long.csv", $"text,label\n\"{text}\",a\n"), Text)).Texts[0].Length);
        Assert.Equal(
            text.Length, Assert.Single(TaskFile.Read(folder.Write("long.jsonl", $"{{\"text\":\"{text}\",\"label\":1}}\n"), Text)).Texts[0].Length);
        Assert.Equal(
            200_000,
            TaskFile.Read(folder.Write("quotes.csv", "text,label\n" + string.Concat(Enumerable.Repeat(" \"a, \"b\n", 200_000))), Text).Count);
    }

    private static IEnumerable<(string, string)> Read(string path) =>
        TaskFile.Read(path, Text).Select(static example => (example.Texts[0], example.Label!));
}
