using System.Text.Json;

namespace GptGen.Runtime.Tests.Golden;

/// <summary>elmo-tiny: sequences that both directions read, what each should predict, and what a pass over them leaves for the next.</summary>
internal sealed class ElmoGoldenCase : GoldenFiles
{
    private readonly string[] words;

    public ElmoGoldenCase()
        : base("elmo-tiny")
    {
        words = [.. Inputs.GetProperty("tokens").EnumerateArray().SelectMany(static row => row.Deserialize<string[]>()!).Distinct()];
        Lengths = Inputs.GetProperty("lengths").Deserialize<int[]>()!;
        Length = Lengths.Max();
    }

    public int[] Lengths { get; }

    public int Length { get; }

    public int Sequences => Lengths.Length;

    /// <summary>A number for each word, [sequences, length].</summary>
    private int[] Words => [.. Inputs.GetProperty("tokens").EnumerateArray()
        .SelectMany(row => row.Deserialize<string[]>()!.Select(word => Array.IndexOf(words, word)).Concat(new int[Length]).Take(Length))];

    /// <summary>What a model reads: the words' characters, [sequences, length, 50], which files count from 1, or a number for each word.</summary>
    public int[] Read(Model model) => model.Description.CharactersPerToken == 0
        ? Words
        : [.. Flatten("char_ids").Select(static character => Math.Max(0, character - 1))];

    /// <summary>What each direction should predict, [2, sequences, length].</summary>
    public int[] Targets =>
        [.. Flatten("next_token_ids").Concat(Flatten("previous_token_ids")).Select(static id => Math.Max(id, Device.IgnoredTarget))];

    /// <summary>A table of the embeddings that the characters give to words.</summary>
    public float[] TableOfWords(int rows, int width)
    {
        var table = new float[rows * width];
        for (var row = 0; row < Words.Length; row++)
        {
            if (row % Length < Lengths[row / Length])
                Array.Copy(Expected["token_embedding"], row * width, table, Words[row] * width, width);
        }

        return table;
    }

    /// <summary>Of expected rows of both directions side by side those that count, and 0 elsewhere.</summary>
    public float[] Counted(float[] rows)
    {
        var width = rows.Length / (Sequences * Length);
        return [.. rows.Select((value, index) => index / width % Length < Lengths[index / width / Length] ? value : 0)];
    }

    public override BidirectionalTrainingGraph Begin(Model model)
    {
        // Larger than the batch, so that a use of the capacity for the count shows.
        var training = ((BidirectionalModel)model).CreateTraining(Sequences + 1, Length + 1);
        SetBatch(training, null);
        return training;
    }

    /// <summary>Every step begins without a state.</summary>
    public override void BeforeStep(Model model, TrainingGraph training) => SetBatch((BidirectionalTrainingGraph)training, null);

    public void SetBatch(BidirectionalTrainingGraph training, RecurrentState? state) =>
        training.SetBatch(state, Sequences, Length, [.. Read(training.Model), .. Read(training.Model)], Targets, Lengths);
}
