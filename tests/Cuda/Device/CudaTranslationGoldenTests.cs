using GptGen.Runtime.Tests.Golden;
using Xunit;

namespace GptGen.Cuda.Tests.Device;

/// <summary>The encoder-decoder's generated class on the CUDA device, in f32, against the golden data.</summary>
public class CudaTranslationGoldenTests
{
    private const float Smoothing = 0.1f;

    [Theory]
    [InlineData(0)]
    [InlineData(Smoothing)]
    public void Values(float smoothing) => Run(smoothing, (model, golden) => TranslationGoldenChecks.Values(model, golden, 1e-5));

    [Theory]
    [InlineData(0)]
    [InlineData(Smoothing)]
    public void Gradients(float smoothing) => Run(smoothing, (model, golden) => GoldenChecks.Gradients(model, golden, 1e-4));

    [Fact]
    public void Trains() => Run(Smoothing, (model, golden) => GoldenChecks.Trains(model, golden, 1e-4));

    [Fact]
    public void PaddingChangesNoBit() => Run(Smoothing, TranslationGoldenChecks.PaddingChangesNoBit);

    [Fact]
    public void DecodingEqualsTeacherForcing() =>
        Run(0, (model, golden) => TranslationGoldenChecks.DecodingEqualsTeacherForcing(model, golden, 1e-5));

    [Fact]
    public void Translates() => Run(0, TranslationGoldenChecks.Translates);

    [Fact]
    public void SearchesWithBeams() => Run(0, (model, golden) => TranslationGoldenChecks.SearchesWithBeams(model, golden, 1e-4));

    private static void Run(float smoothing, Action<TranslationModel, TranslationGoldenCase> check)
    {
        using var machine = new TestMachine();
        using var device = machine.Open();
        using var model = Seq2SeqTiny.Create(device);
        check(model, new TranslationGoldenCase("seq2seq-tiny", smoothing));
    }
}
