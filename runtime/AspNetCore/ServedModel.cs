using GptGen.Features;
using GptGen.Text;

namespace GptGen.AspNetCore;

/// <summary>What a server serves; the model belongs to whoever created it and must outlive the server.</summary>
public sealed class ServedModel
{
    /// <summary>A model that writes text and, where its features are given, makes embeddings of texts.</summary>
    /// <param name="model">The model.</param>
    /// <param name="tokenizer">Its tokenizer.</param>
    /// <param name="features">Its features, or null for no embeddings.</param>
    public ServedModel(TextModel model, Tokenizer tokenizer, TextFeatures? features = null) =>
        (Writer, Tokenizer, Features, Description) = (model, tokenizer, features, model.Description);

    /// <summary>A model that makes embeddings only, as BERT.</summary>
    /// <param name="features">Its features.</param>
    public ServedModel(TextFeatures features) =>
        (Tokenizer, Features, Description) = (features.Tokenizer, features, features.Model.Description);

    /// <summary>What writes text; null where nothing does.</summary>
    public TextModel? Writer { get; }

    /// <summary>The tokenizer.</summary>
    public Tokenizer Tokenizer { get; }

    /// <summary>What makes embeddings; null where nothing does.</summary>
    public TextFeatures? Features { get; }

    /// <summary>The model.</summary>
    public ModelDescription Description { get; }
}
