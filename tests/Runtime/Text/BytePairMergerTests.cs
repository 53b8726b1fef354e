using GptGen.Text;
using Xunit;

namespace GptGen.Runtime.Tests.Text;

/// <summary>Merging against its definition, which looks through all neighbours for the lowest rank each time.</summary>
public sealed class BytePairMergerTests
{
    [Fact]
    public void PiecesOfAnyLengthMergeAsTheRuleSays()
    {
        var random = new Random(1);
        var merges = new MergeTable(64);
        // Few symbols and many merges among them and among what they give, so that most neighbours can merge.
        for (var rank = 0; rank < 60; rank++)
            merges.TryAdd(random.Next(4 + rank / 2), random.Next(4 + rank / 2), new(rank, 4 + rank));
        var merger = new BytePairMerger(merges);
        for (var length = 1; length <= 80; length++)
        {
            int[] piece = [.. Enumerable.Range(0, length).Select(_ => random.Next(4))];
            List<int> tokens = [];
            merger.Encode(piece, tokens);
            Assert.Equal(ByDefinition([.. piece], merges), tokens);
        }
    }

    private static List<int> ByDefinition(List<int> tokens, MergeTable merges)
    {
        while (true)
        {
            var (best, at) = (new MergeTable.Merge(int.MaxValue, 0), -1);
            for (var i = 0; i + 1 < tokens.Count; i++)
            {
                if (merges.TryGet(tokens[i], tokens[i + 1], out var merge) && merge.Rank < best.Rank)
                    (best, at) = (merge, i);
            }

            if (at < 0)
                return tokens;
            tokens[at] = best.Token;
            tokens.RemoveAt(at + 1);
        }
    }
}
