using GptGen.Runtime.Tests.Text;
using GptGen.Text;
using GptGen.Training;
using GptGen.Translation;

namespace GptGen.Runtime.Tests.Translation;

/// <summary>A language model for the sample vocabulary, and pairs that it learns in moments.</summary>
internal static class PairSamples
{
    private static readonly Lazy<Tokenizer> s_tokenizer = new(static () =>
    {
        using var folder = new TemporaryFolder();
        SampleVocabulary.WritePair(folder);
        return Tokenizer.Open(folder.Path);
    });

    /// <summary>The sample vocabulary.</summary>
    public static Tokenizer Tokenizer => s_tokenizer.Value;

    /// <summary>Words and the same words in capitals.</summary>
    public static PairData Capitals { get; } = PairData.Encode(
        [
            .. new[] { "one", "two", "three", "hello", "world", "ten", "net", "tone" }
                .Select(static word => new TextPair(word, word.ToUpperInvariant())),
        ],
        Tokenizer);

    /// <summary>Options of a short run.</summary>
    public static TrainingOptions Options { get; } = new()
    {
        Batch = 4, Length = 16, Steps = 120, Warmup = 5, LearningRate = 5e-3, MinimumLearningRate = 5e-4, WeightDecay = 0, Seed = 3,
    };

    /// <summary>Trains on the capitals.</summary>
    public static void Train(PairBatches batches)
    {
        using var optimizer = new AdamWOptimizer(batches.Graph.Model);
        for (var step = 0; step < Options.Steps; step++)
        {
            batches.Fill(step, 0);
            batches.Graph.Forward();
            batches.Graph.Backward(accumulate: false);
            optimizer.Step(batches.Graph.Gradients, step, Options);
        }
    }
}

/// <summary>For the sample vocabulary.</summary>
[Gpt2(Layers = 1, Heads = 2, Width = 32, Context = 24, Vocabulary = 270)]
public sealed partial class PairGpt;
