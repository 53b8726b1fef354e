namespace GptGen.Generator.Graph;

/// <summary>Which of a specification's graphs.</summary>
internal enum Phase
{
    /// <summary>Every row's loss; values that the backward pass needs are kept.</summary>
    Train,

    /// <summary>Whole prompts into the key/value cache, the last row's logits.</summary>
    PrefillLast,

    /// <summary>Whole prompts into the key/value cache, every row's logits.</summary>
    PrefillAll,

    /// <summary>One token a sequence.</summary>
    Decode,

    /// <summary>Whole sequences without a cache, the task head's scores.</summary>
    Score,
}

/// <summary>
/// The layers: a body that runs once a layer with that layer's parameters, and a value carried from one to the next. Differentiation,
/// memory plan and emission work on the body, so their cost and text do not depend on the number of layers.
/// </summary>
/// <param name="Body">The body's nodes in order.</param>
/// <param name="Carried">The carried value as the body sees it, and as the code around it does: before and after the layers.</param>
internal sealed record Repeat(IReadOnlyList<Node> Body, Value Carried);

/// <summary>A specification lowered for one phase.</summary>
/// <param name="Phase">Which phase.</param>
/// <param name="Layers">How often the body repeats.</param>
/// <param name="Before">Nodes before the layers.</param>
/// <param name="Repeat">The layers.</param>
/// <param name="After">Nodes after the layers.</param>
/// <param name="Ends">The nodes that end the graph: losses or logits.</param>
/// <param name="Parameters">Every parameter in files' order.</param>
/// <param name="Hidden">The final hidden state.</param>
/// <param name="Logits">The language model's logits, in a workspace of their own; null where there are none.</param>
/// <param name="Scores">The task head's scores; null without one.</param>
internal sealed record ModelGraph(
    Phase Phase, int Layers, IReadOnlyList<Node> Before, Repeat Repeat, IReadOnlyList<Node> After, IReadOnlyList<Node> Ends,
    IReadOnlyList<Parameter> Parameters, Value Hidden, Value? Logits, Value? Scores);
