using System.Text.Json;
using GptGen.Checkpoints;
using GptGen.Text;

namespace GptGen.Models.Commands;

/// <summary>Weights that a command works with: which model they are, where they lie, and which tokenizer belongs to them.</summary>
internal sealed class LoadedModel
{
    private readonly string weights;

    private LoadedModel(ZooEntry entry, string weights)
    {
        Entry = entry;
        this.weights = weights;
    }

    /// <summary>The model.</summary>
    internal ZooEntry Entry { get; }

    /// <summary>Where its weights lie.</summary>
    internal string Path => weights;

    /// <summary>Its sizes.</summary>
    internal ModelDescription Description => Entry.Description;

    /// <summary>Finds weights and their model; what is not named follows from the other.</summary>
    /// <param name="model">The model's name, or null for the one that the weights fit.</param>
    /// <param name="weights">The weights' path, or null for the model's run.</param>
    /// <exception cref="GptGenException">There is no such model, the weights cannot be read, or they fit no model.</exception>
    internal static LoadedModel Find(string? model, string? weights)
    {
        var path = weights ?? TrainingRun.DefaultFolder(model is null ? Zoo.Default : Zoo.Find(model));
        if (weights is null && !Directory.Exists(path))
            throw new GptGenException($"There is no run '{path}' yet: train one with 'gptgen train', or name weights with --weights.");
        if (ModelFolder.Of(path).PassedOver is { } passedOver)
            Note.Show(passedOver);
        if (model is not null)
            return new(Zoo.Find(model), path);
        var search = ModelCheckpoint.Search(path, Zoo.Models.Select(static entry => entry.Description));
        if (search.Found is { } found)
            return new(Zoo.Models.First(entry => entry.Description == found), path);
        var nearest = Zoo.Models.First(entry => entry.Description == search.Nearest).Name;
        throw new GptGenException(
            $"The weights '{path}' fit none of {string.Join(", ", Zoo.Models.Select(static entry => entry.Name))}. Nearest is {nearest}: "
            + $"{search.Difference!.TrimEnd('.')}. Use other weights, or these from C# with a model of your own.");
    }

    /// <summary>The model with its weights on a device.</summary>
    /// <param name="device">The device.</param>
    /// <param name="need">The memory that the command will take, weights included.</param>
    /// <param name="areClustersReversed">Whether a segment model's clusters stand from the last to the first.</param>
    /// <exception cref="GptGenException">There is not enough memory, or the weights are damaged or of another model.</exception>
    internal Model Load(Device device, MemoryNeed need, bool areClustersReversed = false)
    {
        var model = Entry.Open(device, need);
        try
        {
            Waiting.For("reading the weights", () => ModelCheckpoint.Load(model, weights, areClustersReversed, Note.Show));
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>The same of a model that writes text, with a cache or a memory.</summary>
    /// <exception cref="GptGenException">The model is of another kind, or as <see cref="Load"/>.</exception>
    internal TextModel LoadText(Device device, MemoryNeed need)
    {
        RequireText();
        return (TextModel)Load(device, need);
    }

    /// <summary>Refuses a model that does not write text.</summary>
    /// <exception cref="GptGenException">It is of another kind.</exception>
    internal void RequireText()
    {
        if (Entry.Kind != ModelKind.Segment)
            Entry.Require(ModelKind.Language);
    }

    /// <summary>The same of a language model.</summary>
    /// <exception cref="GptGenException">The model is of another kind, or as <see cref="Load"/>.</exception>
    internal LanguageModel LoadLanguage(Device device, MemoryNeed need)
    {
        Entry.Require(ModelKind.Language);
        return (LanguageModel)Load(device, need);
    }

    /// <summary>The same of a masked model.</summary>
    /// <exception cref="GptGenException">The model is of another kind, or as <see cref="Load"/>.</exception>
    internal MaskedModel LoadMasked(Device device, MemoryNeed need)
    {
        Entry.Require(ModelKind.Masked);
        return (MaskedModel)Load(device, need);
    }

    /// <summary>Parts of the model that its weights lack.</summary>
    internal IReadOnlyList<string> MissingParts => ModelCheckpoint.FindMissingParts(weights, Description);

    /// <summary>Refuses weights of a body alone where tokens are to be predicted.</summary>
    /// <exception cref="GptGenException">The weights lack the part that predicts them.</exception>
    internal void RequireTokenHead()
    {
        if (MissingParts.FirstOrDefault(Description.Naming.PredictsTokens) is { } part)
        {
            throw new GptGenException(
                $"'{weights}' has no {part}, which predicts tokens: "
                + $"it holds the body of {Entry.Name} alone, for 'gptgen features'; use weights with that head.");
        }
    }

    /// <summary>
    /// The tokenizer named, or the one that the weights were trained with, or that lies beside them; only where no file of any tokenizer does, the
    /// one that fits the vocabulary, which is said.
    /// </summary>
    /// <exception cref="GptGenException">It cannot be read, or has more tokens than the model.</exception>
    internal Tokenizer OpenTokenizer(string? name)
    {
        if (KnownTokenizer(name) is { } known)
            return known;
        var tokenizer = Texts.Tokenizer(null, Description);
        var used = tokenizer is ByteTokenizer ? "every byte is a token" : "GPT-2's own vocabulary is used";
        Note.Show($"no tokenizer lies beside the weights; {used} (--tokenizer names another)");
        return tokenizer;
    }

    /// <summary>The tokenizer named, or the one that the weights were trained with, or that lies beside them; null where none is known.</summary>
    /// <exception cref="GptGenException">It cannot be read, is of a kind that is not read, or has more tokens than the model.</exception>
    internal Tokenizer? KnownTokenizer(string? name) => (name ?? TrainedWith()) is { } known
        ? Texts.Tokenizer(known, Description)
        : Text.Tokenizer.OpenFor(weights, Note.Show) is { } beside ? Texts.Fitting(beside, Description) : null;

    /// <summary>The mistake of weights that give infinities or worse.</summary>
    internal static GptGenException NoNumbers(string what) =>
        new($"{what}: the weights are damaged or their training diverged; use an earlier checkpoint.");

    /// <summary>Whether it translates: its family is made for that, or its run was given pairs of texts.</summary>
    internal bool IsTrainedOnPairs => Entry.Kind == ModelKind.Translation || RunOption(RunRecord.PairsKey) is not null;

    /// <summary>Rows of memory that its run kept; null where it does not say.</summary>
    internal int? RunMemory => RunOption(RunRecord.MemoryKey, static value => value.TryGetInt32(out var rows) ? rows : (int?)null);

    private string? TrainedWith() => RunOption(RunRecord.TokenizerKey) is { } name ? RunTokenizer.Find(name, weights) : null;

    private string? RunOption(string key) => RunOption(key, static value => value.GetString());

    /// <summary>What the weights remember of their run by a name, or null.</summary>
    private T? RunOption<T>(string key, Func<JsonElement, T?> read)
    {
        if (ModelCheckpoint.ReadRunOptions(weights) is not { } options)
            return default;
        try
        {
            using var document = JsonDocument.Parse(options);
            return document.RootElement.TryGetProperty(key, out var value) ? read(value) : default;
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            throw new GptGenException($"'{weights}' does not say readably with which options it was trained: use other weights.", error);
        }
    }
}
