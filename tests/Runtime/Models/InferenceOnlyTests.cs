using GptGen.Cpu;
using GptGen.Runtime.Tests.Cpu;
using GptGen.Runtime.Tests.Golden;
using Xunit;

namespace GptGen.Runtime.Tests.Models;

/// <summary>A device that trains nothing keeps matrices as products read them: models say the same on it, and cannot be trained.</summary>
public sealed class InferenceOnlyTests
{
    [Theory]
    [MemberData(nameof(Levels.Available), MemberType = typeof(Levels))]
    public void LogitsAreThoseOfADeviceThatTrains(string level)
    {
        Compare<BareUntied>(level, 40);
        Compare<WideTiny>(level, 36);
        Compare<Gpt1Tiny>(level, 40);
    }

    [Fact]
    public void ARowHasTheSameBitsHoweverManyThereAre()
    {
        using var device = new CpuDevice(2, inferenceOnly: true);
        using var model = BareUntied.Create(device);
        Variants.Fill(model);
        var tokens = Variants.Tokens(model, 3, 60);
        var whole = Logits(model, tokens, 60);
        Assert.Equal(whole, Logits(model, tokens, 1));
        Assert.Equal(whole, Logits(model, tokens, 17));
    }

    [Fact]
    public void WhatIsWrittenIsReadAgain()
    {
        using var device = new CpuDevice(2, inferenceOnly: true);
        using var model = WideTiny.Create(device);
        var random = new Random(4);
        foreach (var parameter in model.Description.Tensors)
        {
            float[] values = [.. Enumerable.Range(0, (int)parameter.Count).Select(_ => random.NextSingle())];
            model.WriteParameter(parameter.Name, values);
            Assert.Equal(values, model.ReadParameter(parameter.Name));
        }

        var last = model.Description.Tensors.First(static parameter => parameter.IsMatrix);
        model.Parameters.Clear(last.Offset + 1, last.Count - 2);
        var read = model.ReadParameter(last.Name);
        Assert.True(read[0] != 0 && read[^1] != 0);
        Assert.All(read[1..^1], static value => Assert.Equal(0f, value));
        model.Parameters.Clear(0, model.Description.ParameterElements);
        Assert.All(model.Description.Tensors, parameter => Assert.All(model.ReadParameter(parameter.Name), static value => Assert.Equal(0f, value)));
    }

    /// <summary>Their operators read rows, or some rows as a matrix of their own: matrices stay as they are.</summary>
    [Fact]
    public void ModelsThatReadRowsKeepThem()
    {
        using var device = new CpuDevice(1, inferenceOnly: true);
        using var plain = new CpuDevice(1);
        ModelDescription[] descriptions =
        [
            ElmoTiny.Specification, ElmoTinyTable.Specification, TransformerXLTiny.Specification, OneTableReader.Specification,
        ];
        foreach (var description in descriptions)
        {
            using var arena = (CpuArena)device.AllocateParameters(description);
            Assert.IsNotType<WeightArena>(arena);
            Assert.Equal(plain.ParameterBytes(description), device.ParameterBytes(description));
        }

        using var packed = device.AllocateParameters(BareUntied.Specification);
        Assert.IsType<WeightArena>(packed);
    }

    [Fact]
    public void NothingCanBeTrained()
    {
        using var device = new CpuDevice(1, inferenceOnly: true);
        using var model = BareUntied.Create(device);
        model.Initialize(1);
        using var training = model.CreateTraining(1, 8);
        training.SetBatch(1, 8, [1, 2, 3, 4, 5, 6, 7, 8], [2, 3, 4, 5, 6, 7, 8, 9]);
        training.Forward();
        training.Loss();
        Assert.True(double.IsFinite(training.ReadLoss()));
        Assert.Contains("for inference only", Assert.Throws<GptGenException>(() => training.Backward(false)).Message);
    }

    private static void Compare<TModel>(string level, int rows)
        where TModel : LanguageModel, IModel<TModel>
    {
        using var plain = new CpuDevice(2, Levels.Parse(level));
        using var device = new CpuDevice(2, Levels.Parse(level), inferenceOnly: true);
        using var same = TModel.Create(plain);
        using var model = TModel.Create(device);
        Variants.Fill(model);
        foreach (var parameter in model.Description.Tensors)
            same.WriteParameter(parameter.Name, model.ReadParameter(parameter.Name));
        var tokens = Variants.Tokens(model, 3, rows);
        var expected = Logits(same, tokens, rows);
        var largest = expected.Max(Math.Abs);
        Assert.All(expected.Zip(Logits(model, tokens, rows)), pair => Assert.Equal(pair.First, pair.Second, 1e-5f * largest));
    }

    /// <summary>All logits of a text that is read in pieces.</summary>
    private static float[] Logits(LanguageModel model, int[] tokens, int piece)
    {
        var vocabulary = model.Description.Vocabulary;
        var logits = new float[tokens.Length * vocabulary];
        using var inference = model.CreateInference(1, tokens.Length, piece, piece);
        for (var first = 0; first < tokens.Length; first += piece)
        {
            var count = Math.Min(piece, tokens.Length - first);
            inference.Extend(
                tokens[first..(first + count)], [.. Enumerable.Range(first, count)], new int[count]);
            for (var row = 0; row < count; row++)
                inference.ReadLogits(row, logits.AsSpan((first + row) * vocabulary, vocabulary));
        }

        return logits;
    }
}
