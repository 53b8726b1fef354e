using GptGen.Cuda.Tests.Device;
using GptGen.Generation;
using GptGen.Runtime.Tests.Models;
using GptGen.Runtime.Tests.Sampling;
using GptGen.Text;
using Xunit;

namespace GptGen.Cuda.Tests.Operators;

/// <summary>The GPU draws the very tokens that the CPU draws, ties, penalties and broken logits included.</summary>
public class SamplingTests
{
    [Theory]
    [InlineData(347)]
    [InlineData(298)]
    [InlineData(3)]
    [InlineData(1)]
    public void FewTokens(int limit) => Compare<OddVocabulary>(limit);

    [Theory]
    [InlineData(1088)]
    [InlineData(1030)]
    public void RowsOfQuads(int limit) => Compare<QuadVocabulary>(limit);

    [Fact]
    public void ManyTokens() => Compare<WideVocabulary>(9001, most: 2);

    [Fact]
    public void BrokenLogitsAreNamed()
    {
        using var machine = new TestMachine();
        using var device = machine.Open();
        Assert.Equal(SamplingCase.BrokenTokens, SamplingCase.Broken<OddVocabulary>(device));
    }

    /// <summary>Logits differ in their last digits, and yet the same tokens come.</summary>
    [Fact]
    public void AModelWritesTheSameText()
    {
        using var machine = new TestMachine();
        using var device = machine.Open();
        using var cpu = new CpuDevice(1);
        Assert.Equal(Texts(cpu), Texts(device));
    }

    /// <summary>Beams move from slot to slot on the GPU.</summary>
    [Fact]
    public void ASearchFindsTheSameTexts()
    {
        using var machine = new TestMachine();
        using var device = machine.Open();
        using var cpu = new CpuDevice(1);
        var (expected, actual) = (Found(cpu), Found(device));
        Assert.Equal(expected.Select(static text => text.Text), actual.Select(static text => text.Text));
        Assert.All(expected.Zip(actual), static pair => Assert.Equal(pair.First.LogProbability, pair.Second.LogProbability, 1e-3));
    }

    private static IReadOnlyList<BeamText> Found(GptGen.Device device)
    {
        using var model = Gpt2Tiny.Create(device);
        Variants.Fill(model);
        return new TextGenerator(model, ByteTokenizer.Instance).Search(
            "A prompt.", new() { Beams = 4, Best = 4, Tokens = 8 }, TestContext.Current.CancellationToken);
    }

    private static string[] Texts(GptGen.Device device)
    {
        using var model = Gpt2Tiny.Create(device);
        model.Initialize(seed: 3);
        var options = new GenerationOptions
        {
            Tokens = 12,
            Samples = 3,
            Sampling = new() { Temperature = 1.2f, TopP = 0.95f, RepetitionPenalty = 1.3f, Seed = 4 },
        };
        var texts = new string[options.Samples];
        foreach (var piece in new TextGenerator(model, ByteTokenizer.Instance).Generate("A prompt.", options, TestContext.Current.CancellationToken))
            texts[piece.Sample] += piece.Text;
        Assert.Equal(3, texts.Distinct().Count());
        return texts;
    }

    private static void Compare<TVocabulary>(int limit, int most = int.MaxValue)
        where TVocabulary : struct, IDimension
    {
        using var machine = new TestMachine();
        using var device = machine.Open();
        using var cpu = new CpuDevice(1);
        Assert.Equal(SamplingCase.Run<TVocabulary>(cpu, limit, most: most), SamplingCase.Run<TVocabulary>(device, limit, most: most));
    }

    /// <summary>For blocks of few threads, rows of whole quads.</summary>
    private readonly struct QuadVocabulary : IDimension
    {
        public static int Size => 1088;

        public static int Stored => 1088;
    }

    /// <summary>For blocks of many threads, the last quad of one token.</summary>
    private readonly struct WideVocabulary : IDimension
    {
        public static int Size => 9001;

        public static int Stored => 9024;
    }
}
