using System.CommandLine;
using System.Globalization;
using GptGen.Checkpoints;
using GptGen.Text;

namespace GptGen.Models.Commands;

/// <summary><c>gptgen tokenizer</c>: vocabularies of one's own.</summary>
internal static class TokenizerCommand
{
    private enum VocabularyKind
    {
        BytePair,
        WordPiece,
    }

    internal static Command Create() => new("tokenizer", "Learn a vocabulary of subwords from text.") { CreateTrain() };

    private static Command CreateTrain()
    {
        var kind = CommonOptions.Choice("--kind", "Byte-level byte pairs as GPT-2's, or WordPiece as BERT's.", VocabularyKind.BytePair);
        var vocabulary = CommonOptions.Number("--vocabulary", "Tokens of the vocabulary, at least 257.", 4096, least: 257);
        var cased = new Option<bool>("--cased") { Description = "Keep case and accents (WordPiece); without it letters lose both." };
        var paths = CommonOptions.Data("Files or folders of UTF-8 text");
        var endOfText = CommonOptions.EndOfText();
        var output = new Option<string>("--out") { Description = "The folder for the vocabulary's files.", Required = true, HelpName = "folder" };
        var command = new Command("train", "Learn a vocabulary, which 'train --tokenizer' then takes.")
        {
            kind, vocabulary, cased, paths, endOfText, output,
        };
        return command.WithWork((result, cancellation) =>
        {
            var folder = result.GetValue(output)!;
            var isWordPiece = result.GetValue(kind) == VocabularyKind.WordPiece;
            if (result.GetValue(cased) && !isWordPiece)
                throw new GptGenException("--cased belongs to --kind wordpiece: byte pairs always keep case and accents, so leave it out.");
            string[] files = isWordPiece ? ["vocab.txt", "tokenizer.json", "tokenizer_config.json"] : ["vocab.json", "merges.txt"];
            using var claim = ModelFolder.Claim(folder, FolderUse.Vocabulary, note: Note.Show);
            TrainedVocabulary.CheckTarget(folder);
            OutputTarget.RequireNoInputs(folder, files, result.GetValue(paths) ?? []);
            var asked = result.GetValue(vocabulary);
            BytePairTrainer.CheckSize(asked);
            var corpus = DocumentEnds.ToLearnFrom(Texts.Corpus(result.GetValue(paths), cancellation), result.GetValue(endOfText), Note.Show);
            var (size, bytes, tokens) = Waiting.For("learning the vocabulary", () => isWordPiece
                ? Save(WordPieceTrainer.Train(corpus, asked, result.GetValue(cased), cancellation), folder)
                : Save(BytePairTrainer.Train(corpus, asked, cancellation), folder));
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{size:N0} tokens learned from {corpus.Source}: its {bytes:N0} bytes are {tokens:N0} tokens, "
                + $"{(double)bytes / tokens:F2} bytes a token"));
            if (size < asked)
            {
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture, $"{asked:N0} were asked for, but no pair of tokens occurs twice any more: more text gives more"));
            }

            var written = Array.ConvertAll(files, name => Path.Combine(folder, name));
            Console.WriteLine($"written: {string.Join(", ", written[..^1])} and {written[^1]}");
            return 0;
        });
    }

    private static (int Size, long Bytes, long Tokens) Save(TrainedVocabulary trained, string folder)
    {
        trained.Save(folder);
        return (trained.Size, trained.TextBytes, trained.TextTokens);
    }

    private static (int Size, long Bytes, long Tokens) Save(WordPieceVocabulary trained, string folder)
    {
        trained.Save(folder);
        return (trained.Tokens.Count, trained.TextBytes, trained.TextTokens);
    }
}
