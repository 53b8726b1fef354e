using Xunit;

namespace GptGen.Runtime.Tests;

/// <summary>Good files with something wrong at random places, the same in every run.</summary>
internal static class Mutants
{
    /// <summary>Makes mutants: bytes changed, left out, repeated, the end cut off.</summary>
    public static IEnumerable<byte[]> Of(byte[] content, int count, int seed)
    {
        var random = new Random(seed);
        for (var number = 0; number < count; number++)
        {
            var mutant = content.ToList();
            for (var change = random.Next(1, 4); change > 0 && mutant.Count > 0; change--)
            {
                var at = random.Next(mutant.Count);
                switch (random.Next(5))
                {
                    case 0:
                        mutant[at] = (byte)random.Next(256);
                        break;
                    case 1:
                        mutant[at] ^= (byte)(1 << random.Next(8));
                        break;
                    case 2:
                        mutant.RemoveRange(at, Math.Min(random.Next(1, 5), mutant.Count - at));
                        break;
                    case 3:
                        mutant.InsertRange(at, mutant.GetRange(at, Math.Min(random.Next(1, 9), mutant.Count - at)));
                        break;
                    default:
                        mutant.RemoveRange(at, mutant.Count - at);
                        break;
                }
            }

            yield return [.. mutant];
        }
    }

    /// <summary>Runs a reader, which must succeed or give a message for users.</summary>
    public static void AcceptsOrRefuses(Action read)
    {
        try
        {
            read();
        }
        catch (GptGenException error)
        {
            Assert.DoesNotContain('\n', error.Message);
        }
    }

    /// <summary>Runs a reader, which must succeed or give a message for users.</summary>
    public static void AcceptsOrRefuses<T>(Func<T> read) => AcceptsOrRefuses(() => { _ = read(); });
}
