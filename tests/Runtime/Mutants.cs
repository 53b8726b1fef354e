using System.Text;
using Xunit;

namespace GptGen.Runtime.Tests;

/// <summary>Good files with something wrong at random places, the same in every run.</summary>
internal static class Mutants
{
    private static readonly byte[] s_special = [
        0, (byte)'\n', (byte)'\r', (byte)'\t', (byte)'"', (byte)',', (byte)';', (byte)'|', (byte)'{', (byte)'[', (byte)'\\', 0x80, 0xFF];

    /// <summary>Makes mutants: bytes changed, left out, repeated, moved, the end cut off.</summary>
    public static IEnumerable<byte[]> Of(byte[] content, int count, int seed)
    {
        var random = new Random(seed);
        for (var number = 0; number < count; number++)
        {
            var mutant = content.ToList();
            for (var change = random.Next(1, 4); change > 0 && mutant.Count > 0; change--)
            {
                var at = random.Next(mutant.Count);
                var length = random.Next(1, 1 + Math.Min(9, mutant.Count - at));
                switch (random.Next(6))
                {
                    case 0:
                        mutant[at] = (byte)random.Next(256);
                        break;
                    case 1:
                        mutant[at] = s_special[random.Next(s_special.Length)];
                        break;
                    case 2:
                        mutant[at] ^= (byte)(1 << random.Next(8));
                        break;
                    case 3:
                        mutant.RemoveRange(at, length);
                        break;
                    case 4:
                        mutant.InsertRange(random.Next(2) == 0 ? at : random.Next(mutant.Count), mutant.GetRange(at, length));
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
    public static void AcceptsOrRefuses(Action read, byte[] mutant)
    {
        try
        {
            read();
        }
        catch (GptGenException error)
        {
            Assert.DoesNotContain('\n', error.Message);
        }
        catch (Exception error)
        {
            Assert.Fail($"{error.GetType().Name} ({error.Message}) at: {Encoding.Latin1.GetString(mutant)}");
        }
    }
}
