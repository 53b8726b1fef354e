using GptGen.Runtime.Tests.Cpu;
using GptGen.Runtime.Tests.Models;
using Xunit;

namespace GptGen.Runtime.Tests.Serving;

/// <summary>A row of a pass has the same bits alone, beside any others, and whatever slot it is in.</summary>
public class IndependentRowsTests
{
    public static TheoryData<string, string> ModelsAndLevels()
    {
        var data = new TheoryData<string, string>();
        foreach (var level in Levels.Available)
        {
            foreach (var name in new[] { nameof(Gpt2Tiny), nameof(OddUntied), nameof(PostNormalized), nameof(WideTiny) })
                data.Add(name, level);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(ModelsAndLevels))]
    public void ALogitHasTheSameBitsInPassesOfAnySize(string name, string level)
    {
        using var device = new CpuDevice(2, Levels.Parse(level));
        using var model = Create(name, device);
        var description = model.Description;
        var most = device.IndependentRows(Math.Max(description.Width, description.HiddenWidth));
        Assert.True(most >= 8);
        var tokens = Variants.Tokens(model, 7, description.Context);
        using var alone = model.CreateInference(1, description.Context, 0, 1);
        var expected = new float[tokens.Length][];
        for (var position = 0; position < tokens.Length; position++)
        {
            alone.Extend([tokens[position]], [position], [0]);
            expected[position] = Logits(alone, 0);
        }

        // The same text in four slots, in pieces of random lengths and any order, beside one another.
        const int Slots = 4;
        using var together = model.CreateInference(Slots, description.Context, most, most);
        var random = new Random(5);
        var read = new int[Slots];
        while (read.Any(position => position < tokens.Length))
        {
            List<(int Slot, int Position)> rows = [];
            for (var slot = 0; slot < Slots; slot++)
            {
                for (var count = random.Next(1 + Math.Min(most - rows.Count, tokens.Length - read[slot])); count > 0; count--)
                    rows.Add((slot, read[slot]++));
            }

            if (rows.Count == 0)
                continue;
            together.Extend(
                [.. rows.Select(row => tokens[row.Position])], [.. rows.Select(static row => row.Position)],
                [.. rows.Select(static row => row.Slot)]);
            for (var row = 0; row < rows.Count; row++)
                Assert.Equal(expected[rows[row].Position], Logits(together, row));
        }
    }

    [Fact]
    public void APositionThatHasNoneBeforeItIsRefused()
    {
        using var device = new CpuDevice(1);
        using var model = Create(nameof(Gpt2Tiny), device);
        using var graph = model.CreateInference(2, 8, 4, 4);
        graph.Extend([1, 2], [0, 1], [0, 0]);
        Assert.Contains("Slot 1 has 1", Assert.Throws<InvalidOperationException>(() => graph.Extend([1, 2], [0, 2], [1, 1])).Message);
        Assert.Throws<GptGenException>(() => graph.Extend([1], [8], [0]));
        Assert.Throws<GptGenException>(() => graph.Extend([1], [0], [2]));
        Assert.Throws<GptGenException>(() => graph.Extend([1, 1, 1, 1, 1], [0, 1, 2, 3, 4], [1, 1, 1, 1, 1]));
    }

    private static LanguageModel Create(string name, Device device)
    {
        LanguageModel model = name switch
        {
            nameof(Gpt2Tiny) => Gpt2Tiny.Create(device),
            nameof(WideTiny) => WideTiny.Create(device),
            nameof(OddUntied) => OddUntied.Create(device),
            _ => PostNormalized.Create(device),
        };
        Variants.Fill(model);
        return model;
    }

    private static float[] Logits(InferenceGraph graph, int row)
    {
        var logits = new float[graph.Model.Description.Vocabulary];
        graph.ReadLogits(row, logits);
        return logits;
    }
}
