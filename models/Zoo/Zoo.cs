namespace GptGen.Models;

/// <summary>A model of the zoo.</summary>
/// <param name="Name">As <c>--model</c> names it.</param>
/// <param name="Description">What is known at compile time.</param>
/// <param name="Kind">What it does.</param>
/// <param name="Create">Makes one, its weights zero.</param>
public sealed record ZooEntry(string Name, ModelDescription Description, ModelKind Kind, Func<Device, Model> Create)
{
    /// <summary>Refuses a model that does something else.</summary>
    /// <param name="kind">What is asked for.</param>
    /// <exception cref="GptGenException">The model is of another kind.</exception>
    public void Require(ModelKind kind)
    {
        if (Kind == kind)
            return;
        var does = Kind switch
        {
            ModelKind.Language => "writes text from left to right",
            ModelKind.Masked => "fills gaps in a text",
            ModelKind.Segment => "reads and writes text with a memory",
            ModelKind.Bidirectional => "reads text in both directions",
            _ => "translates",
        };
        throw new GptGenException(kind switch
        {
            ModelKind.Language when Kind == ModelKind.Masked =>
                $"{Name} {does} and does not write on: use a GPT model, or 'gptgen fill' and 'gptgen features' with this one.",
            ModelKind.Language when Kind == ModelKind.Bidirectional =>
                $"{Name} {does} and does not write on: use a GPT model, or 'gptgen evaluate' and 'gptgen features' with this one.",
            ModelKind.Language when Kind == ModelKind.Segment =>
                $"{Name} {does}, which this command does not know: use a GPT model, or 'gptgen generate' and 'gptgen evaluate' with this one.",
            ModelKind.Language => $"{Name} {does} and does not write on: use a GPT model, or 'gptgen translate' with this one.",
            ModelKind.Masked => $"{Name} {does} and fills no gaps: use a BERT model.",
            _ => $"{Name} {does} and does not translate: use a seq2seq model.",
        });
    }
}

/// <summary>What a model of the zoo does.</summary>
public enum ModelKind
{
    /// <summary>Predicts each next token.</summary>
    Language,

    /// <summary>Predicts masked tokens.</summary>
    Masked,

    /// <summary>Reads a source and writes another text for it.</summary>
    Translation,

    /// <summary>Predicts each next token of a text that it reads in segments, with a memory of those before.</summary>
    Segment,

    /// <summary>Predicts each next token reading forward and each previous one reading backward; its layers are features.</summary>
    Bidirectional,
}

/// <summary>Every model that the command line knows. A new one adds its class and its line here.</summary>
public static class Zoo
{
    /// <summary>The models, smallest first.</summary>
    public static IReadOnlyList<ZooEntry> Models { get; } =
    [
        Entry<Gpt2Nano>("gpt2-nano"),
        Entry<Gpt1Nano>("gpt1-nano"),
        Entry<Gpt1Mini>("gpt1-mini"),
        Entry<ElmoMiniChars>("elmo-mini-chars"),
        Entry<Gpt1Mini4K>("gpt1-mini-4k"),
        Entry<Gpt2Tiny4K>("gpt2-tiny-4k"),
        Entry<TransformerXLMini4K>("txl-mini-4k"),
        Entry<ElmoMini4K>("elmo-mini-4k"),
        Entry<BertMini4K>("bert-mini-4k"),
        Entry<Seq2SeqMini4K>("seq2seq-mini-4k"),
        Entry<Gpt2Mini>("gpt2-mini"),
        Entry<Gpt2Mini4K>("gpt2-mini-4k"),
        Entry<Seq2SeqBase>("seq2seq-base"),
        Entry<OpusMtEnDe>("opus-mt-en-de"),
        Entry<BertBase>("bert-base"),
        Entry<BertBaseCased>("bert-base-cased"),
        Entry<ElmoSmall>("elmo-small"),
        Entry<Gpt1>("gpt1"),
        Entry<Gpt2Small>("gpt2-small"),
        Entry<TransformerXLWt103Base>("transfo-xl-wt103-base"),
        Entry<Seq2SeqBig>("seq2seq-big"),
        Entry<ElmoMedium>("elmo-medium"),
        Entry<TransformerXLWt103Large>("transfo-xl-wt103-large"),
        Entry<BertLarge>("bert-large"),
        Entry<Gpt2Medium>("gpt2-medium"),
        Entry<ElmoOriginal>("elmo-original"),
        Entry<Gpt2Large>("gpt2-large"),
        Entry<Gpt2XL>("gpt2-xl"),
    ];

    /// <summary>The model that commands take when none is named: it trains in minutes.</summary>
    public static ZooEntry Default => Models[0];

    /// <summary>The model of a name.</summary>
    /// <exception cref="GptGenException">There is none.</exception>
    public static ZooEntry Find(string name) =>
        Models.FirstOrDefault(entry => entry.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
        ?? throw new GptGenException($"There is no model '{name}': choose one of {string.Join(", ", Models.Select(entry => entry.Name))}.");

    private static ZooEntry Entry<TModel>(string name)
        where TModel : Model, IModel<TModel> =>
        new(
            name, TModel.Specification,
            typeof(TModel).IsAssignableTo(typeof(MaskedModel)) ? ModelKind.Masked
            : typeof(TModel).IsAssignableTo(typeof(TranslationModel)) ? ModelKind.Translation
            : typeof(TModel).IsAssignableTo(typeof(SegmentModel)) ? ModelKind.Segment
            : typeof(TModel).IsAssignableTo(typeof(BidirectionalModel)) ? ModelKind.Bidirectional
            : ModelKind.Language,
            TModel.Create);
}
