using System.Text;
using GptGen.Text;
using Xunit;

namespace GptGen.Runtime.Tests.Text;

public sealed class PieceCacheTests
{
    [Fact]
    public void AKnownPieceGivesItsTokensAndAnotherNothing()
    {
        var cache = new PieceCache();
        cache.Add("word"u8, [1, 2, 3]);
        List<int> tokens = [9];

        Assert.True(cache.TryAppend("word"u8, tokens));
        Assert.Equal([9, 1, 2, 3], tokens);
        foreach (var other in (string[])["wor", "words", "word\0", "Word", "a piece of more than 32 bytes, which none is"])
            Assert.False(cache.TryAppend(Encoding.UTF8.GetBytes(other), tokens), other);
        Assert.Equal(4, tokens.Count);
    }

    [Fact]
    public void EveryAnswerIsTheLastThatWasGivenForThePiece()
    {
        // More pieces than places, so that they drive one another out; some too long, some of too many tokens.
        var cache = new PieceCache();
        var random = new Random(1);
        var known = 0;
        for (var i = 0; i < 200_000; i++)
        {
            var number = random.Next(60_000);
            var piece = Encoding.UTF8.GetBytes($"{new string('x', number % 31)}{number}");
            int[] expected = [.. Enumerable.Range(number, number % 9 + 1)];
            List<int> tokens = [];
            if (cache.TryAppend(piece, tokens))
            {
                known++;
                Assert.Equal(expected, tokens);
            }
            else
            {
                cache.Add(piece, expected);
            }
        }

        Assert.InRange(known, 20_000, 160_000);
    }
}
