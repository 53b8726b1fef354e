using System.CommandLine;
using System.Globalization;
using GptGen.Checkpoints;
using GptGen.Text;

namespace GptGen.Models.Commands;

/// <summary><c>gptgen tokenizer</c>: vocabularies of one's own.</summary>
internal static class TokenizerCommand
{
    internal static Command Create() => new("tokenizer", "Learn a vocabulary of subwords from text.") { CreateTrain() };

    private static Command CreateTrain()
    {
        var vocabulary = CommonOptions.Number("--vocabulary", "Tokens of the vocabulary, at least 257.", 4096, least: 257);
        var paths = CommonOptions.Data("Files or folders of UTF-8 text");
        var endOfText = CommonOptions.EndOfText();
        var output = new Option<string>("--out") { Description = "The folder for vocab.json and merges.txt.", Required = true, HelpName = "folder" };
        var command = new Command("train", "Learn a byte-level byte-pair vocabulary, which 'train --tokenizer' then takes.") { vocabulary, paths, endOfText, output };
        return command.WithWork((result, cancellation) =>
        {
            var folder = result.GetValue(output)!;
            using var claim = ModelFolder.Claim(folder, FolderUse.Vocabulary, note: Note.Show);
            TrainedVocabulary.CheckTarget(folder);
            OutputTarget.RequireNoInputs(folder, ["vocab.json", "merges.txt"], result.GetValue(paths) ?? []);
            var asked = result.GetValue(vocabulary);
            BytePairTrainer.CheckSize(asked);
            var corpus = DocumentEnds.ToLearnFrom(Texts.Corpus(result.GetValue(paths), cancellation), result.GetValue(endOfText), Note.Show);
            var trained = Waiting.For("learning the vocabulary", () => BytePairTrainer.Train(corpus, asked, cancellation));
            trained.Save(folder);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{trained.Size:N0} tokens learned from {corpus.Source}: its {trained.TextBytes:N0} bytes are {trained.TextTokens:N0} tokens, {(double)trained.TextBytes / trained.TextTokens:F2} bytes a token"));
            if (trained.Size < asked)
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{asked:N0} were asked for, but no pair of tokens occurs twice any more: more text gives more"));
            Console.WriteLine($"written: {Path.Combine(folder, "vocab.json")} and {Path.Combine(folder, "merges.txt")}");
            return 0;
        });
    }
}
