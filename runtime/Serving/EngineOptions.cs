namespace GptGen.Serving;

/// <summary>How large a <see cref="GenerationEngine"/> is.</summary>
public sealed record EngineOptions
{
    /// <summary>Texts that are written at once; each takes a slot of the key/value cache.</summary>
    public int Slots { get; init; } = 8;

    /// <summary>The most requests that wait for a slot; further ones are refused at once.</summary>
    public int QueueLimit { get; init; } = 64;

    /// <summary>Rows of a memory, of models that have one; as many as the model can unless set.</summary>
    public int? MemoryLength { get; init; }

    /// <summary>Whether texts begin behind a whole memory of zeros, as Hugging Face's models do; of models that have one.</summary>
    public bool BeginsWithZeros { get; init; }

    /// <summary>Checks every number.</summary>
    /// <exception cref="GptGenException">One is out of range.</exception>
    public void Validate()
    {
        if (Slots is < 1 or > 4096)
            throw new GptGenException($"An engine of {Slots} slots is impossible: give between 1 and 4096.");
        if (QueueLimit < 0)
            throw new GptGenException($"An engine whose queue holds {QueueLimit} is impossible: give 0 or a positive number.");
    }
}
