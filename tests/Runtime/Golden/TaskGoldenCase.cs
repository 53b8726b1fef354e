namespace GptGen.Runtime.Tests.Golden;

/// <summary>A task head's case: padded sequences with labels.</summary>
internal sealed class TaskGoldenCase : GoldenFiles
{
    public TaskGoldenCase(string name)
        : base(name)
    {
        IsEncoder = Inputs.TryGetProperty("token_type_ids", out _);
        Tokens = Flatten("input_ids");
        TokenTypes = IsEncoder ? Flatten("token_type_ids") : [];
        Labels = Flatten("labels");
        var mask = Flatten(IsEncoder ? "attention_mask" : "mask");
        var sequences = IsEncoder ? Labels.Length : Flatten("classify_position").Length;
        Length = Tokens.Length / sequences;
        Lengths = [.. Enumerable.Range(0, sequences).Select(sequence => mask.AsSpan(sequence * Length, Length).Count(1))];
        var prefix = IsEncoder ? "" : "clf_";
        Scores = Expected[$"{prefix}logits"];
        Losses = Expected[$"{prefix}losses"];
        TaskLoss = Expected[IsEncoder ? "mean_loss" : "clf_loss"][0];
        LanguageLoss = IsEncoder ? null : Expected["lm_loss"][0];
    }

    /// <summary>Whether the model is an encoder, which has token types and no loss of a language model.</summary>
    public bool IsEncoder { get; }

    public int[] Tokens { get; }

    public int[] TokenTypes { get; }

    public int[] Labels { get; }

    public int[] Lengths { get; }

    public int Length { get; }

    public float[] Scores { get; }

    public float[] Losses { get; }

    public float TaskLoss { get; }

    public float? LanguageLoss { get; }

    public override TrainingGraph Begin(Model model)
    {
        var training = ((ITaskModel)model).CreateTaskTraining(Lengths.Length, Length).Graph;
        if (training is EncoderTaskTrainingGraph encoder)
            encoder.SetExamples(Length, Tokens, TokenTypes, Lengths, Labels);
        else
            ((TaskTrainingGraph)training).SetExamples(Length, Tokens, Lengths, Labels);
        return training;
    }
}
