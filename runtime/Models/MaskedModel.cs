namespace GptGen;

/// <summary>
/// A generated model that sees a text from both sides: it is trained to predict masked tokens and whether a text follows another, and gives states
/// of tokens and texts.
/// </summary>
public abstract class MaskedModel : Model
{
    /// <summary>Allocates the parameters.</summary>
    protected MaskedModel(Device device, ModelDescription description)
        : base(device, description)
    {
    }

    /// <summary>Memory and code for training on up to <paramref name="sequences"/> x <paramref name="length"/> tokens at once.</summary>
    public abstract MaskedTrainingGraph CreateTraining(int sequences, int length);

    /// <summary>Memory and code for the states of up to <paramref name="sequences"/> x <paramref name="length"/> tokens at once.</summary>
    public abstract MaskedEncodingGraph CreateEncoding(int sequences, int length);
}
