namespace GptGen.Text;

/// <summary>A window of a token sequence as a model sees it: its tokens, and after each the token to predict.</summary>
public static class TokenWindow
{
    /// <summary>The target of a position whose prediction does not count.</summary>
    public const int Ignored = -1;

    /// <summary>Reads the window that begins at a place of the sequence.</summary>
    internal static void Read(TokenSource tokens, long start, Span<int> inputs, Span<int> targets)
    {
        tokens.Read(start, inputs);
        inputs[1..].CopyTo(targets);
        tokens.Read(start + inputs.Length, targets[^1..]);
    }

    /// <summary>Refuses buffers that do not hold whole windows.</summary>
    internal static void CheckShape(ReadOnlySpan<int> inputs, ReadOnlySpan<int> targets, int length)
    {
        if (inputs.Length != targets.Length || inputs.Length % length != 0)
            throw new ArgumentException(
                $"Inputs ({inputs.Length}) and targets ({targets.Length}) must be as many whole windows of {length} tokens.", nameof(inputs));
    }
}
