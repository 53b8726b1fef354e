namespace GptGen.Features;

/// <summary>Texts that are computed at once, of about one length, so that there is little padding.</summary>
internal static class TextBatches
{
    /// <summary>The places of texts, from the shortest to the longest; a batch's last text is its longest.</summary>
    /// <param name="tokens">The texts.</param>
    /// <param name="mostTexts">The most of a batch.</param>
    /// <param name="mostRows">The most rows of a batch, padding among them; a longer text is a batch by itself.</param>
    internal static List<int[]> Of(int[][] tokens, int mostTexts, int mostRows)
    {
        List<int[]> batches = [];
        List<int> batch = [];
        foreach (var text in Enumerable.Range(0, tokens.Length).OrderBy(text => tokens[text].Length))
        {
            if (batch.Count == mostTexts || (batch.Count > 0 && (batch.Count + 1) * tokens[text].Length > mostRows))
            {
                batches.Add([.. batch]);
                batch.Clear();
            }

            batch.Add(text);
        }

        batches.Add([.. batch]);
        return batches;
    }

    /// <summary>A batch's tokens, [texts, the longest text's length]; what stands behind a text's end counts for nothing.</summary>
    internal static int[] Pad(int[][] tokens, int[] batch)
    {
        var length = tokens[batch[^1]].Length;
        var padded = new int[batch.Length * length];
        for (var sequence = 0; sequence < batch.Length; sequence++)
            tokens[batch[sequence]].CopyTo(padded, sequence * length);
        return padded;
    }
}
