namespace GptGen.Runtime.Tests.Golden;

/// <summary>A task head's case: sequences framed by special tokens, with labels.</summary>
internal sealed class TaskGoldenCase : GoldenFiles
{
    public TaskGoldenCase(string name)
        : base(name)
    {
        Tokens = Flatten("input_ids");
        Labels = Flatten("labels");
        ClassifyPositions = Flatten("classify_position");
        Length = Tokens.Length / ClassifyPositions.Length;
        var mask = Flatten("mask");
        Lengths = [.. Enumerable.Range(0, ClassifyPositions.Length).Select(sequence => mask.AsSpan(sequence * Length, Length).Count(1))];
    }

    public int[] Tokens { get; }

    public int[] Labels { get; }

    public int[] ClassifyPositions { get; }

    public int[] Lengths { get; }

    public int Length { get; }

    public override TaskTrainingGraph Begin(Model model)
    {
        var training = ((TaskModel)model).CreateTraining(Lengths.Length, Length);
        training.SetExamples(Length, Tokens, Lengths, Labels);
        return training;
    }
}
