namespace GptGen;

/// <summary>A generated model that reads a source and writes another text for it: an encoder and a decoder that looks at what it made.</summary>
public abstract class TranslationModel : Model
{
    /// <summary>Allocates the parameters.</summary>
    protected TranslationModel(Device device, ModelDescription description)
        : base(device, description)
    {
    }

    /// <summary>
    /// Memory and code for training on up to <paramref name="sequences"/> pairs at once, with up to <paramref name="sequences"/> x
    /// <paramref name="length"/> tokens of sources and as many of translations.
    /// </summary>
    public abstract TranslationTrainingGraph CreateTraining(int sequences, int length);

    /// <summary>
    /// Memory and code for translating: <paramref name="slots"/> translations of up to <paramref name="capacity"/> positions, the start token among
    /// them, for <paramref name="sources"/> sources of up to <paramref name="sourceLength"/> tokens, among which the slots are divided.
    /// </summary>
    public abstract TranslationInferenceGraph CreateInference(int slots, int capacity, int sources, int sourceLength);
}
