using GptGen.Text;

namespace GptGen;

/// <summary>Refuses token ids that a model does not have, before a device would read beyond its table.</summary>
internal static class TokenCheck
{
    /// <summary>How many integers a model reads for each row: one token, or the characters of a word.</summary>
    internal static int PerRow(ModelDescription model) => Math.Max(1, model.CharactersPerToken);

    /// <summary>Throws unless so many rows are given that a model can read: tokens, or of a model that reads characters those of words.</summary>
    internal static void Read(ReadOnlySpan<int> given, long rows, ModelDescription model)
    {
        var each = PerRow(model);
        if (given.Length != rows * each)
        {
            throw new GptGenException(
                $"{rows} rows need {rows * each} {(model.CharactersPerToken > 0 ? $"characters, {each} for each" : "tokens")}, not {given.Length}.");
        }

        if (model.CharactersPerToken == 0)
        {
            Tokens(given, model.Vocabulary, "token");
            return;
        }

        foreach (var character in given)
        {
            if ((uint)character >= WordCharacters.AlphabetSize)
                throw new GptGenException($"A character is {character}, but must be between 0 and {WordCharacters.AlphabetSize - 1}.");
        }
    }

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
