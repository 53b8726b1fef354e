using GptGen.Features;
using Microsoft.Extensions.AI;

namespace GptGen.Extensions.AI;

/// <summary>A model's features of texts as embeddings. Any number of calls may run at once; none disposes of the model.</summary>
/// <param name="features">Model, tokenizer and pooling.</param>
public sealed class GptEmbeddingGenerator(TextFeatures features) : IEmbeddingGenerator<string, Embedding<float>>
{
    private readonly EmbeddingGeneratorMetadata metadata =
        new("gptgen", defaultModelId: features.Model.Description.Name, defaultModelDimensions: features.Model.Description.Width);

    /// <summary>One embedding a text, as wide as the model.</summary>
    /// <param name="values">The texts.</param>
    /// <param name="options">Nothing in them changes the embeddings; other dimensions than the model's are refused.</param>
    /// <param name="cancellationToken">Ends the work between two texts.</param>
    /// <exception cref="GptGenException">A text is empty or longer than the context.</exception>
    /// <exception cref="NotSupportedException">The options ask for other dimensions.</exception>
    public async Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        var width = features.Model.Description.Width;
        if (options?.Dimensions is { } dimensions && dimensions != width)
            throw new NotSupportedException($"The options ask for {dimensions} dimensions, but the model's features have {width}: leave them out.");
        var vectors = await Task.Run(() => features.Compute(values, cancellationToken), cancellationToken).ConfigureAwait(false);
        var tokens = vectors.Sum(static vector => (long)vector.Tokens);
        return new(
            vectors.Select(vector => new Embedding<float>(vector.Values) { CreatedAt = DateTimeOffset.UtcNow, ModelId = metadata.DefaultModelId }))
        {
            Usage = new() { InputTokenCount = tokens, TotalTokenCount = tokens },
        };
    }

    /// <summary>The generator, its features, or its metadata.</summary>
    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is not null ? null
        : serviceType == typeof(EmbeddingGeneratorMetadata) ? metadata
        : serviceType == typeof(TextFeatures) ? features
        : serviceType.IsInstanceOfType(this) ? this
        : null;

    /// <summary>Does nothing: the model belongs to whoever created it.</summary>
    public void Dispose()
    {
    }
}
