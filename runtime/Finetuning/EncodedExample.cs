namespace GptGen.Finetuning;

/// <summary>An example as a model reads it.</summary>
/// <param name="Sequences">Its framed sequences (<see cref="TaskHead.Encode"/>).</param>
/// <param name="Label">The number of its label; -1 where it is not known.</param>
public sealed record EncodedExample(int[][] Sequences, int Label)
{
    /// <summary>Tokens of the longest sequence.</summary>
    public int Length { get; } = Sequences.Max(static sequence => sequence.Length);
}
