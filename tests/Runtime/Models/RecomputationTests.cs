using Xunit;

namespace GptGen.Runtime.Tests.Models;

/// <summary>Models that compute values anew in the backward pass beside the same ones that keep them: the same bits, in less memory.</summary>
public class RecomputationTests
{
    private const int Length = 6;

    [Theory]
    [InlineData(nameof(OddUntied), 0)]
    [InlineData(nameof(OddUntied), 0.2f)]
    [InlineData(nameof(PostNormalized), 0)]
    [InlineData(nameof(PostNormalized), 0.2f)]
    [InlineData(nameof(WithoutBiases), 0.2f)]
    public void GradientsHaveTheSameBits(string name, float dropout)
    {
        using var device = new CpuDevice(2);
        using LanguageModel model = Variants.Create(name, device), anewModel = Variants.Create(name + "Anew", device);
        using LanguageTrainingGraph training = model.CreateTraining(2, Length), anew = anewModel.CreateTraining(2, Length);
        int[] tokens = Variants.Tokens(model, 1, 2 * Length), targets = Variants.Tokens(model, 2, 2 * Length);
        training.SetBatch(2, Length, tokens, targets);
        anew.SetBatch(2, Length, tokens, targets);
        Compare(model, training, anew, dropout);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.2f)]
    public void GradientsOfTwoLoopsHaveTheSameBits(float dropout)
    {
        using var device = new CpuDevice(2);
        using TranslationModel model = TranslationPairs.Create(nameof(UnevenTranslator), device);
        using TranslationModel anewModel = TranslationPairs.Create(nameof(UnevenTranslatorAnew), device);
        using TranslationTrainingGraph training = model.CreateTraining(3, TranslationPairs.SourceLength);
        using TranslationTrainingGraph anew = anewModel.CreateTraining(3, TranslationPairs.SourceLength);
        var pairs = new TranslationPairs(model);
        pairs.Set(training, 0, 3);
        pairs.Set(anew, 0, 3);
        Compare(model, training, anew, dropout);
    }

    private static void Compare(Model model, TrainingGraph training, TrainingGraph anew, float dropout)
    {
        foreach (var graph in (TrainingGraph[])[training, anew])
        {
            graph.Dropout = new(dropout, 5, 3, 1);
            for (var pass = 0; pass < 2; pass++)
            {
                graph.Forward();
                graph.Backward(accumulate: pass > 0);
            }
        }

        Assert.Equal(training.ReadLoss(), anew.ReadLoss());
        Variants.Close(model, training.Gradients, anew.Gradients, tolerance: 0);
        Assert.True(Activations(anew) < Activations(training));
    }

    private static long Activations(TrainingGraph graph) => graph.Model.Description.TrainingElements(3, Length, Device.FewLogitRows)
        .Where(static part => part.Role == BufferRole.Activation).Sum(static part => (long)part.Elements);
}
