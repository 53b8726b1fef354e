using GptGen.Training;

namespace GptGen;

/// <summary>The tokens that a graph's gradients are made among, drawn for each backward pass and written to the graph's inputs.</summary>
internal sealed class SampleInputs
{
    private const string Tokens = "Samples";

    private readonly InputBuffer inputs;
    private readonly CandidateSampler sampler;
    private readonly float[] targetLogs;

    private SampleInputs(InputBuffer inputs, ModelDescription model, int capacity)
    {
        this.inputs = inputs;
        sampler = new(model.Vocabulary, inputs.Each(Tokens));
        targetLogs = new float[capacity];
    }

    /// <summary>Those of a graph; null where its gradients are made among all tokens.</summary>
    /// <param name="inputs">The graph's inputs.</param>
    /// <param name="model">The model.</param>
    /// <param name="capacity">The most rows.</param>
    public static SampleInputs? Of(InputBuffer inputs, ModelDescription model, int capacity) =>
        inputs.Has(Tokens) ? new(inputs, model, capacity) : null;

    /// <summary>Draws for a pass, which its dropout names, with some targets.</summary>
    public void Draw(Dropout pass, ReadOnlySpan<int> targets)
    {
        sampler.Draw(pass.Seed, pass.Step, pass.MicroBatch);
        for (var row = 0; row < targets.Length; row++)
            targetLogs[row] = targets[row] == Device.IgnoredTarget ? 0 : sampler.LogExpected(targets[row]);
        inputs.Write(Tokens, sampler.Tokens);
        inputs.Write("SampleLogs", sampler.Logs);
        inputs.Write("TargetLogs", targetLogs.AsSpan(0, targets.Length));
    }
}
