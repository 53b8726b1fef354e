using GptGen.Evaluation;
using GptGen.Reference;
using GptGen.Runtime.Tests.Models;

namespace GptGen.Runtime.Tests.Evaluation;

/// <summary>Likelihoods in the plainest way: each token from a pass of its own over all before it, in float64.</summary>
internal sealed class Likelihood : IDisposable
{
    private readonly Device device = new ReferenceDevice();
    private readonly LanguageModel model;
    private readonly InferenceGraph graph;

    public Likelihood(string name)
    {
        model = Variants.Create(name, device);
        graph = model.CreateInference(1, model.Description.Context, model.Description.Context, 1);
    }

    /// <summary>ln p of each predicted token.</summary>
    public double[] Of(Continuation text) =>
        [.. Enumerable.Range(text.Tokens.Length - text.Predicted, text.Predicted).Select(at => Of(text.Tokens[..at], text.Tokens[at]))];

    /// <summary>The most probable next token.</summary>
    public int Best(int[] context)
    {
        var logits = Logits(context);
        return Array.IndexOf(logits, logits.Max());
    }

    private double Of(int[] context, int token)
    {
        var logits = Logits(context);
        return logits[token] - Math.Log(logits.Sum(static logit => Math.Exp(logit)));
    }

    private float[] Logits(int[] context)
    {
        var logits = new float[model.Description.Vocabulary];
        graph.Prefill(context.Length, context, [context.Length], [0]);
        graph.ReadLogits(0, logits);
        return logits;
    }

    public void Dispose()
    {
        graph.Dispose();
        model.Dispose();
        device.Dispose();
    }
}
