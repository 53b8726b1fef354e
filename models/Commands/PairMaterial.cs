using GptGen.Distributed;
using GptGen.Text;
using GptGen.Training;
using GptGen.Translation;

namespace GptGen.Models.Commands;

/// <summary>Pairs of texts for a model that learns to make one of the other, which shows how it translates what it was not trained on.</summary>
internal sealed class PairMaterial : TrainingMaterial
{
    private const int Shown = 5;
    private const int Compared = 200;

    // Few, since the run's own memory is still taken.
    private const int AtOnce = 4;

    private readonly Tokenizer tokenizer;
    private readonly PairData training;
    private readonly PairData validation;
    private PairBatches? batches;
    private int length;

    internal PairMaterial(ZooEntry entry, string path, Tokenizer tokenizer, CancellationToken cancellation)
    {
        (this.tokenizer, Source) = (tokenizer, path);
        // Said before a long file is read.
        PairData.RequireEnd(tokenizer);
        PairTranslator.RequireFreeStart(entry.Description, tokenizer);
        var pairs = Waiting.For("reading the pairs", () => PairData.Encode(PairFile.Read(path, Note.Show), tokenizer, cancellation));
        (training, validation) = pairs.Split();
    }

    internal override long TokenCount => training.TokenCount;

    internal override string Source { get; }

    internal override double Fingerprint => training.Pairs.Concat(validation.Pairs).Aggregate(
        new Fingerprint(), static (all, pair) => all.Add(pair.Source).Add([pair.Source.Length]).Add(pair.Target)).Number;

    internal override PairBatches CreateBatches(Model model, TrainingOptions options)
    {
        batches = model is TranslationModel translation
            ? new TranslationBatches(translation, training, validation, options)
            : new LanguagePairBatches((LanguageModel)model, training, validation, options);
        length = options.Length;
        if (batches.LeftOut > 0)
        {
            Note.Show(FormattableString.Invariant(
                $"{batches.LeftOut:N0} of {training.Pairs.Count + validation.Pairs.Count:N0} pairs are longer than {options.Length} tokens")
                + " and left out" + (options.Length < model.Description.Context ? " (see --length)" : ""));
        }

        return batches;
    }

    internal override string Validation(Trainer trainer) =>
        FormattableString.Invariant($"{trainer.ValidationTokens:N0} in {batches!.EvaluatedPairs:N0} pairs");

    internal override void ShowAtEnd(Model model, CancellationToken cancellation)
    {
        var pairs = batches!.Validation.Texts.Take(Compared).ToList();
        var translator = Translator.Create(model, tokenizer);
        var texts = translator.Translate(
            [.. pairs.Select(static pair => pair.Source)], new() { Beams = 1, Tokens = length }, AtOnce, cancellation: cancellation)
            .Select(static found => found[0].Text).ToList();
        for (var index = 0; index < Math.Min(Shown, pairs.Count); index++)
            Console.WriteLine($"{pairs[index].Source}\n    {pairs[index].Target}\n    the model: {texts[index]}");
        Console.WriteLine();
        TranslationWork.Report(texts, pairs).Write(json: false);
        Console.WriteLine();
    }
}
