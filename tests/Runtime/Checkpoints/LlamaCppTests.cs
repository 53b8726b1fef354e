using GptGen.Checkpoints;
using GptGen.Runtime.Tests.Models;
using GptGen.Runtime.Tests.Text;
using GptGen.Text;
using Xunit;

namespace GptGen.Runtime.Tests.Checkpoints;

/// <summary>
/// A GGUF file of ours in llama.cpp: the same tokens of texts, the same most probable token 32 times, and the same logits within what its own
/// roundings leave. Its GELU is a table of binary16 numbers; products of F16, BF16 and Q8_0 matrices round their other operand too.
/// </summary>
public sealed class LlamaCppTests : IDisposable
{
    private const int Steps = 32;

    // At logits of up to 3.4, as they were measured with models of other shapes.
    private const float MeasuredAt = 3.4f;

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(ElementType.F32, 1e-3f)]
    [InlineData(ElementType.F16, 4e-3f)]
    [InlineData(ElementType.BF16, 2e-2f)]
    [InlineData(ElementType.Q8_0, 1e-1f)]
    [InlineData(ElementType.IQ4_NL, 1e-1f)]
    public void ItComputesTheSame(ElementType type, float tolerance)
    {
        LlamaCpp.SkipWhereItDoesNotLoad();
        using var device = new CpuDevice(1);
        using var withBiases = Gpt2Tiny.Create(device);
        AgreesOn(withBiases, Gpt2Tiny.Create, ByteTokenizer.Instance, type, tolerance);
        using var bare = BareUntied.Create(device);
        AgreesOn(bare, BareUntied.Create, Trained(BareUntied.Specification.Vocabulary), type, tolerance);
    }

    [Fact]
    public void ItCutsTextsIntoTheSameTokens()
    {
        LlamaCpp.SkipWhereItDoesNotLoad();
        using var device = new CpuDevice(1);
        string[] texts = [.. Enumerable.Range(0, 200).Select(static seed => SampleTexts.Mixed(seed, 12)), "", " ", "\n\n a", "<|endoftext|>"];
        using var model = BareUntied.Create(device);
        model.Initialize(seed: 1);
        foreach (var tokenizer in (Tokenizer[])[Trained(BareUntied.Specification.Vocabulary), ByteTokenizer.Instance])
        {
            var path = folder.File($"{tokenizer.VocabularySize}.gguf");
            ModelCheckpoint.Save(model, path, tokenizer: tokenizer);
            var answer = LlamaCpp.Run(path, texts, [], prompt: 0);
            for (var index = 0; index < texts.Length; index++)
                Assert.Equal(tokenizer.Encode(texts[index]), answer.Tokens[index]);
            if (tokenizer.EndOfText is { } end)
                Assert.Equal(end, answer.End);
            // What is read back is the same tokenizer.
            var inside = Tokenizer.Open(path);
            Assert.Equal((tokenizer.VocabularySize, tokenizer.EndOfText), (inside.VocabularySize, inside.EndOfText));
            Assert.All(texts, text => Assert.Equal(tokenizer.EncodePrompt(text), inside.EncodePrompt(text)));
        }
    }

    private Tokenizer Trained(int vocabulary)
    {
        var text = folder.Write("text.txt", string.Concat(Enumerable.Range(0, 50).Select(static seed => SampleTexts.Mixed(seed, 40))));
        if (!Directory.Exists(folder.File("trained")))
            BytePairTrainer.Train(TextCorpus.Load(text), vocabulary).Save(folder.File("trained"));
        return Tokenizer.Open(folder.File("trained"));
    }

    private void AgreesOn(LanguageModel model, Func<Device, LanguageModel> create, Tokenizer tokenizer, ElementType type, float tolerance)
    {
        Fill(model);
        var path = folder.File($"{model.Description.Name}.gguf");
        ModelCheckpoint.Save(model, path, type, tokenizer);
        // The file's numbers, rounded as its type has it.
        using var stored = create(model.Device);
        ModelCheckpoint.Load(stored, path);
        var prompt = tokenizer.Encode("The quick");
        var (tokens, logits) = Continue(stored, prompt);

        var answer = LlamaCpp.Run(path, [], [.. prompt, .. tokens[..^1]], prompt.Length);
        Assert.Equal(Steps, answer.Logits.Length);
        Assert.Equal(tokens, answer.Logits.Select(static row => row.AsSpan().IndexOf(row.Max())));
        var (largest, difference) = (0f, 0f);
        for (var step = 0; step < Steps; step++)
        {
            for (var token = 0; token < logits[step].Length; token++)
            {
                largest = Math.Max(largest, Math.Abs(logits[step][token]));
                difference = Math.Max(difference, Math.Abs(logits[step][token] - answer.Logits[step][token]));
            }
        }

        Assert.InRange(largest, 1, 30);
        TestContext.Current.SendDiagnosticMessage($"{model.Description.Name} {type}: {difference} of {largest}");
        Assert.InRange(difference, 0, tolerance * Math.Max(1, largest / MeasuredAt));
    }

    private static (int[] Tokens, float[][] Logits) Continue(LanguageModel model, int[] prompt)
    {
        using var inference = model.CreateInference(1, prompt.Length + Steps, prompt.Length, 1);
        var tokens = new int[Steps];
        var logits = new float[Steps][];
        inference.Prefill(prompt.Length, prompt, [prompt.Length], [0]);
        for (var step = 0; step < Steps; step++)
        {
            logits[step] = new float[model.Description.Vocabulary];
            inference.ReadLogits(0, logits[step]);
            tokens[step] = logits[step].AsSpan().IndexOf(logits[step].Max());
            if (step + 1 < Steps)
                inference.Decode([tokens[step]], [prompt.Length + step], [0]);
        }

        return (tokens, logits);
    }

    /// <summary>
    /// Every weight another number, gains about 1. Each position has something of a token's row of the head, so that the most probable token is clear
    /// of the roundings of every type.
    /// </summary>
    private static void Fill(LanguageModel model)
    {
        FillAtRandom(model);
        var description = model.Description;
        var positions = description.FindParameter("wpe.weight");
        var head = description.FindParameter(description.TiedHead ? "wte.weight" : "lm_head.weight");
        var (place, row) = (new float[description.Width], new float[description.Width]);
        for (var position = 0; position < description.Context; position++)
        {
            var offset = positions.Offset + (position * description.Width);
            model.Parameters.Read(offset, place);
            model.Parameters.Read(head.Offset + (((position * 37) + 11) % description.Vocabulary * description.Width), row);
            for (var index = 0; index < place.Length; index++)
                place[index] += 6 * row[index];
            model.Parameters.Write(offset, place);
        }
    }

    private static void FillAtRandom(LanguageModel model)
    {
        var random = new Random(7);
        foreach (var parameter in model.Description.Parameters)
        {
            var values = new float[parameter.Count];
            var isGain = parameter.Initialization == Initialization.Ones;
            for (var index = 0; index < values.Length; index++)
                values[index] = (isGain ? 1 : 0) + ((random.NextSingle() - 0.5f) * 0.4f);
            model.Parameters.Write(parameter.Offset, values);
        }
    }
}
