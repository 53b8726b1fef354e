namespace GptGen.Runtime.Tests.Golden;

/// <summary>A masked model's case: padded sequences of two texts, masked tokens, labels of next sentences.</summary>
internal sealed class MaskedGoldenCase : GoldenFiles
{
    private const int NotPredicted = -100;

    public MaskedGoldenCase(string name)
        : base(name)
    {
        Tokens = Flatten("input_ids");
        TokenTypes = Flatten("token_type_ids");
        NextLabels = Flatten("next_sentence_label");
        Length = Tokens.Length / NextLabels.Length;
        var mask = Flatten("attention_mask");
        Lengths = [.. Enumerable.Range(0, NextLabels.Length).Select(sequence => mask.AsSpan(sequence * Length, Length).Count(1))];
        var labels = Flatten("labels");
        PredictedRows = [.. Enumerable.Range(0, labels.Length).Where(row => labels[row] != NotPredicted)];
        PredictedTokens = [.. PredictedRows.Select(row => labels[row])];
    }

    public int[] Tokens { get; set; }

    public int[] TokenTypes { get; set; }

    public int[] NextLabels { get; }

    public int[] Lengths { get; }

    public int[] PredictedRows { get; }

    public int[] PredictedTokens { get; }

    public int Length { get; }

    /// <summary>Numbers of rows that count, of rows of some width.</summary>
    public float[] Real(float[] rows, int width) =>
        [.. Enumerable.Range(0, Lengths.Length).SelectMany(sequence => rows.AsSpan(sequence * Length * width, Lengths[sequence] * width).ToArray())];

    public override MaskedTrainingGraph Begin(Model model)
    {
        var training = ((MaskedModel)model).CreateTraining(Lengths.Length, Length);
        training.SetBatch(Length, Tokens, TokenTypes, Lengths, PredictedRows, PredictedTokens, NextLabels);
        return training;
    }
}
