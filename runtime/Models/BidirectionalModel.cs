namespace GptGen;

/// <summary>
/// A generated model of two language models, one that reads a text forward and predicts each next token, and one that reads it backward and predicts
/// each previous one. What their layers give of a text are features for other tasks. Their LSTMs go on from batch to batch where a
/// <see cref="RecurrentState"/> is kept.
/// </summary>
public abstract class BidirectionalModel : Model
{
    /// <summary>Allocates the parameters.</summary>
    protected BidirectionalModel(Device device, ModelDescription description)
        : base(device, description)
    {
    }

    /// <summary>The state of <paramref name="sequences"/> texts before their first tokens.</summary>
    /// <exception cref="GptGenException">The number is out of range, or there is not enough memory.</exception>
    public RecurrentState CreateState(int sequences) => new(this, sequences);

    /// <summary>Memory and code for training on up to <paramref name="sequences"/> x <paramref name="length"/> tokens at once.</summary>
    public abstract BidirectionalTrainingGraph CreateTraining(int sequences, int length);

    /// <summary>Memory and code for the states of up to <paramref name="sequences"/> x <paramref name="length"/> tokens at once.</summary>
    public abstract BidirectionalEncodingGraph CreateEncoding(int sequences, int length);
}
