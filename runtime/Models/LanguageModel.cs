namespace GptGen;

/// <summary>A generated model that predicts each next token: it is trained on text, and writes it.</summary>
public abstract class LanguageModel : TextModel
{
    /// <summary>Allocates the parameters.</summary>
    protected LanguageModel(Device device, ModelDescription description)
        : base(device, description)
    {
    }

    /// <summary>Memory and code for training on up to <paramref name="sequences"/> x <paramref name="length"/> tokens at once.</summary>
    public abstract LanguageTrainingGraph CreateTraining(int sequences, int length);

    /// <summary>
    /// Memory and code for inference: a key/value cache of <paramref name="slots"/> sequences of up to <paramref name="capacity"/> positions,
    /// prompts of up to <paramref name="prefillRows"/> tokens at once (padding included), and logits for up to <paramref name="logitRows"/> rows.
    /// </summary>
    public abstract LanguageInferenceGraph CreateInference(int slots, int capacity, int prefillRows, int logitRows);

    /// <inheritdoc/>
    internal sealed override InferenceGraph CreateInference(in InferenceSize size) =>
        CreateInference(size.Slots, size.Capacity, size.PrefillRows, size.LogitRows);
}

/// <summary>What a generated language model offers without an instance, so that generic code can create one.</summary>
/// <typeparam name="TSelf">The model.</typeparam>
public interface ILanguageModel<TSelf> : IModel<TSelf>
    where TSelf : LanguageModel, ILanguageModel<TSelf>;
