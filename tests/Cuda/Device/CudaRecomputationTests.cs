using GptGen.Runtime.Tests.Models;
using Xunit;

namespace GptGen.Cuda.Tests.Device;

/// <summary>
/// What a backward pass on a GPU computes anew. In f32 gradients keep their bits; in bf16 an activation is then one of what was rounded before it.
/// </summary>
public class CudaRecomputationTests
{
    private const int Length = 6;

    [Theory]
    [InlineData(nameof(OddUntied), 0)]
    [InlineData(nameof(PostNormalized), 0.2f)]
    public void In_f32_gradients_keep_their_bits(string name, float dropout) => Compare(name, GpuPrecision.Float32, dropout, 0);

    [Theory]
    [InlineData(nameof(OddUntied), 0.2f)]
    [InlineData(nameof(WithoutBiases), 0)]
    public void In_bf16_gradients_are_within_its_rounding(string name, float dropout) => Compare(name, GpuPrecision.BFloat16, dropout, 1e-2);

    private static void Compare(string name, GpuPrecision precision, float dropout, double tolerance)
    {
        using var machine = new TestMachine();
        using var gpu = machine.Open(precision);
        using LanguageModel model = Variants.Create(name, gpu), anewModel = Variants.Create(name + "Anew", gpu);
        using LanguageTrainingGraph training = model.CreateTraining(2, Length), anew = anewModel.CreateTraining(2, Length);
        int[] tokens = Variants.Tokens(model, 1, 2 * Length), targets = Variants.Tokens(model, 2, 2 * Length);
        foreach (var graph in (LanguageTrainingGraph[])[training, anew])
        {
            graph.SetBatch(2, Length, tokens, targets);
            graph.Dropout = new(dropout, 5, 3, 1);
            graph.Forward();
            graph.Backward(accumulate: false);
        }

        Assert.Equal(training.ReadLoss(), anew.ReadLoss());
        Variants.Close(model, training.Gradients, anew.Gradients, tolerance);
    }
}
