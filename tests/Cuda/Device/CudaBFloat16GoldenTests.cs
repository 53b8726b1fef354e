using GptGen.Runtime.Tests.Golden;
using GptGen.Runtime.Tests.Models;
using Xunit;

namespace GptGen.Cuda.Tests.Device;

/// <summary>
/// Generated models of every family on the CUDA device in bf16, whose weights begin rounded, against the golden data of f32. The golden models are
/// tiny and steep, so that the rounding of weights alone shows: gpt2-tiny-hot and the encoder-decoder's decoding are left out, and gradients are held
/// to those of rounded weights (<see cref="CudaBFloat16GradientTests"/>). Each operator alone is held to 4e-3.
/// </summary>
public class CudaBFloat16GoldenTests
{
    private const double Limit = 2e-2;

    [Theory]
    [InlineData("gpt1-tiny")]
    [InlineData("gpt2-tiny")]
    public void Gpt(string name) => Run(device => GoldenModels.Create(name, device), model =>
    {
        var golden = new GoldenCase(name);
        GoldenChecks.Logits(model, golden, Limit);
        GoldenChecks.Losses(model, golden, Limit);
        GoldenChecks.Gradients(model, golden, Limit);
    });

    [Fact]
    public void Bert() => Run(BertTiny.Create, model =>
    {
        var golden = new MaskedGoldenCase("bert-tiny2");
        MaskedGoldenChecks.Values(model, golden, Limit);
        MaskedGoldenChecks.PaddingChangesNoBit(model, golden);
    });

    [Theory]
    [InlineData("transfo-xl-tiny2")]
    [InlineData("transfo-xl-adaptive")]
    public void TransformerXL(string name) => Run(device => GoldenModels.CreateSegment(name, device), model =>
    {
        var golden = new SegmentGoldenCase(name);
        SegmentGoldenChecks.Values(model, golden, Limit);
        SegmentGoldenChecks.Decodes(model, golden, Limit);
    });

    [Fact]
    public void EncoderDecoder() => Run(Seq2SeqTiny.Create, model =>
    {
        var golden = new TranslationGoldenCase("seq2seq-tiny", 0.1f);
        TranslationGoldenChecks.Values(model, golden, 4e-2);
    });

    [Fact]
    public void Elmo() => Run(ElmoTiny.Create, model =>
    {
        var golden = new ElmoGoldenCase();
        ElmoGoldenChecks.Values(model, golden, Limit);
        ElmoGoldenChecks.Encodes(model, golden, Limit);
    });

    [Theory]
    [InlineData("gpt1-tiny-clf")]
    [InlineData("gpt1-tiny-mc")]
    [InlineData("bert-tiny2-clf")]
    public void Tasks(string name) => Run(device => GoldenModels.CreateTask(name, device), model =>
    {
        var golden = new TaskGoldenCase(name);
        TaskGoldenChecks.Values(model, golden, Limit);
        TaskGoldenChecks.Scores(model, golden, Limit);
    });

    private static void Run<TModel>(Func<GptGen.Device, TModel> create, Action<TModel> check)
        where TModel : Model
    {
        using var machine = new TestMachine();
        using var device = machine.Open(GpuPrecision.BFloat16);
        using var model = create(device);
        check(model);
    }
}
