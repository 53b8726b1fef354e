using GptGen.Reference;
using Xunit;

namespace GptGen.Runtime.Tests.Golden;

/// <summary>The encoder-decoder's generated class against what an independent implementation computed in f64.</summary>
public class TranslationGoldenTests
{
    private const string Name = "seq2seq-tiny";
    private const float Smoothing = 0.1f;

    /// <summary>Each device, with tolerances of values and of gradients, and the label smoothing. Expected values are stored as f32.</summary>
    public static TheoryData<string, double, double, float> Devices => new()
    {
        { "reference", 2e-6, 2e-6, 0 }, { "reference", 2e-6, 2e-6, Smoothing }, { "cpu", 1e-5, 1e-4, 0 }, { "cpu", 1e-5, 1e-4, Smoothing },
    };

    [Theory]
    [MemberData(nameof(Devices))]
    public void Values(string device, double tolerance, double gradientTolerance, float smoothing) =>
        Run(device, smoothing, gradientTolerance > 0, (model, golden) => TranslationGoldenChecks.Values(model, golden, tolerance));

    [Theory]
    [MemberData(nameof(Devices))]
    public void Gradients(string device, double tolerance, double gradientTolerance, float smoothing) =>
        Run(device, smoothing, tolerance > 0, (model, golden) => GoldenChecks.Gradients(model, golden, gradientTolerance));

    [Theory]
    [InlineData("reference", 2e-6)]
    [InlineData("cpu", 1e-4)]
    public void Trains(string device, double tolerance) =>
        Run(device, Smoothing, tolerance > 0, (model, golden) => GoldenChecks.Trains(model, golden, tolerance));

    [Theory]
    [InlineData(0)]
    [InlineData(Smoothing)]
    public void PaddingChangesNoBit(float smoothing) => Run("cpu", smoothing, true, TranslationGoldenChecks.PaddingChangesNoBit);

    [Theory]
    [InlineData("reference", 2e-6)]
    [InlineData("cpu", 1e-5)]
    public void DecodingEqualsTeacherForcing(string device, double tolerance) =>
        Run(device, 0, tolerance > 0, (model, golden) => TranslationGoldenChecks.DecodingEqualsTeacherForcing(model, golden, tolerance));

    [Theory]
    [InlineData("reference")]
    [InlineData("cpu")]
    public void Translates(string device) => Run(device, 0, true, TranslationGoldenChecks.Translates);

    [Theory]
    [InlineData("reference", 1e-6)]
    [InlineData("cpu", 1e-4)]
    public void SearchesWithBeams(string device, double tolerance) =>
        Run(device, 0, tolerance > 0, (model, golden) => TranslationGoldenChecks.SearchesWithBeams(model, golden, tolerance));

    private static void Run(string deviceName, float smoothing, bool isMeant, Action<TranslationModel, TranslationGoldenCase> check)
    {
        Assert.True(isMeant);
        using Device device = deviceName == "cpu" ? new CpuDevice(2) : new ReferenceDevice();
        using var model = Seq2SeqTiny.Create(device);
        check(model, new TranslationGoldenCase(Name, smoothing));
    }
}
