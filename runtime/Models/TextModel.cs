namespace GptGen;

/// <summary>A generated model that predicts each next token, and so can write text from left to right.</summary>
public abstract class TextModel : Model
{
    /// <summary>Allocates the parameters.</summary>
    private protected TextModel(Device device, ModelDescription description)
        : base(device, description)
    {
    }

    /// <summary>Memory and code for inference of some size.</summary>
    internal abstract InferenceGraph CreateInference(in InferenceSize size);
}
