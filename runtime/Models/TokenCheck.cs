namespace GptGen;

/// <summary>Refuses token ids that a model does not have, before a device would read beyond its table.</summary>
internal static class TokenCheck
{
    internal static void Tokens(ReadOnlySpan<int> tokens, int vocabulary, string what)
    {
        foreach (var token in tokens)
        {
            if ((uint)token >= (uint)vocabulary)
                throw OutOfRange(token, vocabulary, what);
        }
    }

    internal static void Targets(ReadOnlySpan<int> targets, int vocabulary)
    {
        foreach (var target in targets)
        {
            if ((uint)target >= (uint)vocabulary && target != Device.IgnoredTarget)
            {
                throw target < 0
                    ? new GptGenException(
                        $"A target is {target}: a row without a loss has the target {Device.IgnoredTarget} "
                        + $"({nameof(Device)}.{nameof(Device.IgnoredTarget)}), and other targets are tokens.")
                    : OutOfRange(target, vocabulary, "target");
            }
        }
    }

    private static GptGenException OutOfRange(int token, int vocabulary, string what) =>
        new($"A {what} has id {token}, but the model's vocabulary has {vocabulary} entries: use the tokenizer that belongs to the model.");
}
