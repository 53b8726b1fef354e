using System.Text.Json;

namespace GptGen.Runtime.Tests.Golden;

/// <summary>A translation model's case: padded pairs, with the plain loss or the smoothed one.</summary>
internal sealed class TranslationGoldenCase : GoldenFiles
{
    private const int NotPredicted = -100;

    public TranslationGoldenCase(string name, float smoothing)
        : base(name)
    {
        Smoothing = smoothing;
        Source = Flatten("input_ids");
        Tokens = Flatten("decoder_input_ids");
        var labels = Flatten("labels");
        Targets = [.. labels.Select(static label => label == NotPredicted ? Device.IgnoredTarget : label)];
        var sequences = Inputs.GetProperty("labels").GetArrayLength();
        (SourceLength, Length) = (Source.Length / sequences, Tokens.Length / sequences);
        var mask = Flatten("attention_mask");
        SourceLengths = [.. Enumerable.Range(0, sequences).Select(pair => mask.AsSpan(pair * SourceLength, SourceLength).Count(1))];
        Lengths = [.. Enumerable.Range(0, sequences).Select(pair => Length - labels.AsSpan(pair * Length, Length).Count(NotPredicted))];
    }

    public float Smoothing { get; }

    public override string GradientGroup => Smoothing == 0 ? "plain_grad." : "grad.";

    public int[] Source { get; }

    public int[] SourceLengths { get; }

    public int SourceLength { get; }

    public int[] Tokens { get; }

    public int[] Targets { get; }

    public int[] Lengths { get; }

    public int Length { get; }

    /// <summary>The most positions of a translation, the start token's among them.</summary>
    public int MaximumLength => Inputs.GetProperty("decode").GetProperty("max_length").GetInt32();

    /// <summary>What greedy decoding gives for each source, the end token included.</summary>
    public int[][] Greedy => Decoded("greedy");

    /// <summary>What a way of decoding gives for each source, the end token included.</summary>
    public int[][] Decoded(string name) => [.. Decoding(name, "sequences").EnumerateArray().Select(FlattenNested)];

    /// <summary>The scores of these.</summary>
    public double[] Scores(string name) => [.. Decoding(name, "scores").EnumerateArray().Select(static score => score.GetDouble())];

    /// <summary>Numbers of rows that count, of rows of some width.</summary>
    public float[] Real(float[] rows, int width) => Real(rows, width, Length, Lengths);

    /// <summary>The same of the sources' rows.</summary>
    public float[] RealSource(float[] rows, int width) => Real(rows, width, SourceLength, SourceLengths);

    public override TranslationTrainingGraph Begin(Model model)
    {
        // Larger than the batch, so that a use of the capacity for the count shows.
        var training = ((TranslationModel)model).CreateTraining(Lengths.Length + 1, Math.Max(SourceLength, Length) + 1);
        training.SetBatch(SourceLength, Source, SourceLengths, Length, Tokens, Targets, Lengths);
        training.LabelSmoothing = Smoothing;
        return training;
    }

    private JsonElement Decoding(string name, string what) => Inputs.GetProperty("decode").GetProperty(name).GetProperty(what);

    private static float[] Real(float[] rows, int width, int length, int[] lengths) =>
        [.. lengths.SelectMany((count, sequence) => rows.AsSpan(sequence * length * width, count * width).ToArray())];
}
