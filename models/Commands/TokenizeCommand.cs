using System.CommandLine;
using System.Globalization;
using GptGen.Text;

namespace GptGen.Models.Commands;

/// <summary><c>gptgen tokenize</c>: text of any length as a token file.</summary>
internal static class TokenizeCommand
{
    internal static Command Create()
    {
        var data = new Option<string[]>("--data")
        {
            Description = "Files or folders of UTF-8 text, or of JSON lines with --column.",
            AllowMultipleArgumentsPerToken = true,
            HelpName = "file|folder…",
            Required = true,
        };
        var tokenizer = new Option<string>("--tokenizer")
        {
            Description = "bytes, gpt2, or a folder with a tokenizer's files; 'gptgen tokenizer train' makes one.",
            DefaultValueFactory = static _ => "gpt2",
            HelpName = "bytes|gpt2|folder",
        };
        var output = new Option<string>("--out") { Description = "The token file, as train.bin or val.bin.", Required = true, HelpName = "file" };
        var format = CommonOptions.Choice(
            "--format", "nanoGPT's bare tokens, or with llm.c's header.", TokenFileFormat.NanoGpt,
            static format => format == TokenFileFormat.NanoGpt ? "nanogpt" : "llm.c");
        var column = new Option<string?>("--column")
        {
            Description = "The files have a JSON object a line, and this is the name of its text, a document.", HelpName = "name",
        };
        var separator = new Option<string?>("--separator") { Description = "A text that ends a document within a file.", HelpName = "text" };
        var endOfText = CommonOptions.EndOfText();
        var threads = CommonOptions.Number("--threads", "Threads; 0 means one a processor.", 0, least: 0);
        var command = new Command("tokenize", "Turn text into a token file for 'train --data', a part at a time: it may be larger than memory.")
        {
            data, tokenizer, output, format, column, separator, endOfText, threads,
        };
        return command.WithWork((result, cancellation) =>
        {
            var (paths, target) = (result.GetValue(data)!, result.GetValue(output)!);
            if (!target.EndsWith(".bin", StringComparison.OrdinalIgnoreCase))
                throw new GptGenException($"Token files are known by the ending .bin, which '{target}' lacks: name --out so.");
            OutputTarget.RequireNotInput(target, paths);
            var text = Tokenizer.Open(result.GetValue(tokenizer)!, Note.Show);
            var ends = Separator(text, result.GetValue(separator), result.GetValue(endOfText), result.GetValue(column) is not null);
            var progress = new ProgressLine();
            var written = TextTokenization.Write(
                paths, text, target, result.GetValue(format), ends, result.GetValue(column), result.GetValue(threads), Note.Show,
                bytes => progress.Show(() => FormattableString.Invariant($"tokenizing  {bytes / 1e6:N0} MB")), cancellation);
            progress.End();
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{written.Tokens:N0} tokens of {written.Bytes:N0} bytes in {written.Documents:N0} documents "
                + $"({(double)written.Bytes / written.Tokens:F2} bytes a token): {target}"));
            return 0;
        });
    }

    private static string? Separator(Tokenizer tokenizer, string? given, bool endOfText, bool isJson)
    {
        if (isJson && (given is not null || endOfText))
            throw new GptGenException("With --column each line is a document: leave out --separator and --end-of-text.");
        if (given is not null && endOfText)
            throw new GptGenException("--separator and --end-of-text both say where documents end: give one of them.");
        if (given is "")
            throw new GptGenException("--separator is empty: give the text that ends documents.");
        return endOfText ? DocumentEnds.NameIn(tokenizer) : given;
    }
}
