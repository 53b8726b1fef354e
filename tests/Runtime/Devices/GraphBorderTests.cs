using GptGen.Runtime.Tests.Models;
using GptGen.Sampling;
using Xunit;

namespace GptGen.Runtime.Tests.Devices;

/// <summary>Whatever a graph is called with, and in whatever order, it computes numbers or refuses: nothing outside its memory is touched.</summary>
public sealed class GraphBorderTests
{
    private const int Trials = 4000;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void AnyCallComputesOrRefuses(int seed)
    {
        var random = new Random(seed);
        using var device = new CpuDevice(2);
        using var model = TaskModels.CreateLanguage(nameof(Gpt1Entailment), device);
        using var training = model.CreateTraining(3, 5);
        using var inference = model.CreateInference(3, 6, 12, 12);
        using var scoring = model.CreateScoring(3, 5);
        var (computed, refused) = (0, 0);
        for (var trial = 0; trial < Trials; trial++)
        {
            try
            {
                Call(random, model, training, inference, scoring);
                computed++;
            }
            catch (Exception error) when (error is GptGenException or ArgumentException or InvalidOperationException)
            {
                refused++;
            }
        }

        Assert.True(computed > Trials / 20 && refused > Trials / 20, $"{computed} calls computed and {refused} were refused: that tries too little.");
    }

    private static void Call(Random random, TaskModel model, TaskTrainingGraph training, LanguageInferenceGraph inference, ScoringGraph scoring)
    {
        var (vocabulary, width) = (model.Description.Vocabulary, model.Description.Width);
        var (sequences, length) = (Near(random, 2), Near(random, 4));
        var lengths = Numbers(random, sequences, 5);
        var tokens = Numbers(random, sequences * length, vocabulary);
        switch (random.Next(14))
        {
            case 0 or 1:
                training.SetBatch(sequences, length, tokens, Numbers(random, sequences * length, vocabulary), default, lengths);
                break;
            case 2:
                foreach (ref var token in tokens.AsSpan())
                    token = random.Next(4) == 0 ? model.Head.Tokens!.Value.Classify : token;
                if (random.Next(2) == 0)
                    training.SetExamples(length, tokens, lengths, Numbers(random, sequences, 3));
                else
                    scoring.Score(length, tokens, lengths);
                break;
            case 3 or 4:
                training.Forward();
                break;
            case 5:
                training.Backward(accumulate: random.Next(2) == 0);
                break;
            case 6:
                training.Loss();
                break;
            case 7:
                training.ReadHidden(Near(random, 1), new float[random.Next(4 * 5 * width)]);
                training.ReadLogits(new float[random.Next(4 * 5 * vocabulary)]);
                break;
            case 8:
                training.ReadScores(new float[random.Next(12)]);
                training.ReadTaskLosses(new float[random.Next(4)]);
                scoring.ReadScores(new float[random.Next(12)]);
                break;
            case 9:
                training.ReadLosses(new float[random.Next(16)]);
                training.ReadLoss();
                training.ReadTaskLoss();
                break;
            case 10:
                if (random.Next(2) == 0)
                    inference.Prefill(length, tokens, lengths, Numbers(random, sequences, 3));
                else
                    inference.PrefillAllLogits(length, tokens, lengths, Numbers(random, sequences, 3));
                break;
            case 11:
                inference.Decode(Numbers(random, sequences, vocabulary), Numbers(random, sequences, 6), Numbers(random, sequences, 3));
                break;
            case 12:
                inference.CopySlot(Near(random, 1), Near(random, 1), Near(random, 4));
                inference.SetSeen(Near(random, 1), tokens);
                inference.ReadLogits(Near(random, 2), new float[vocabulary]);
                inference.ReadHidden(Near(random, 2), new float[width]);
                break;
            default:
                inference.Sample(
                    [new TokenDraw { Row = Near(random, 1), Slot = Near(random, 1), RepetitionPenalty = 1 }], new int[1], Near(random, vocabulary));
                break;
        }
    }

    /// <summary>A number near a usual one; now and then an absurd one.</summary>
    private static int Near(Random random, int usual) => random.Next(20) switch
    {
        0 => -1,
        1 => int.MaxValue,
        2 => usual + 20,
        _ => usual + random.Next(-1, 2),
    };

    /// <summary>Numbers below a limit; now and then one that is not, or another count.</summary>
    private static int[] Numbers(Random random, int count, int limit)
    {
        var values = new int[Math.Clamp(count + (random.Next(20) == 0 ? random.Next(-1, 2) : 0), 0, 200)];
        for (var i = 0; i < values.Length; i++)
            values[i] = random.Next(200) == 0 ? random.Next(-2, limit + 3) : random.Next(limit);
        return values;
    }
}
