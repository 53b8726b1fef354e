using System.Text;
using Xunit;

namespace GptGen.Runtime.Tests.Finetuning;

/// <summary>Damaged copies of a file, the same ones each time.</summary>
internal static class Mutants
{
    private static readonly byte[] s_special = [0, (byte)'\n', (byte)'\r', (byte)'\t', (byte)'"', (byte)',', (byte)';', (byte)'|', (byte)'{', (byte)'[', (byte)'\\', 0x80, 0xFF];

    /// <summary>Copies with bytes changed, cut off, taken out, doubled or moved.</summary>
    public static IEnumerable<byte[]> Of(byte[] original, int count)
    {
        var random = new Random(17);
        for (var mutant = 0; mutant < count; mutant++)
        {
            var bytes = original;
            for (var change = random.Next(3); change >= 0 && bytes.Length > 0; change--)
            {
                var at = random.Next(bytes.Length);
                var length = random.Next(1, 1 + Math.Min(9, bytes.Length - at));
                var part = bytes.AsSpan(at, length).ToArray();
                var to = random.Next(bytes.Length);
                bytes = random.Next(6) switch
                {
                    0 => bytes[..at],
                    1 => [.. bytes[..at], .. bytes[(at + length)..]],
                    2 => [.. bytes[..at], .. part, .. bytes[at..]],
                    3 => [.. bytes[..to], .. part, .. bytes[to..]],
                    4 => [.. bytes[..at], s_special[random.Next(s_special.Length)], .. bytes[(at + 1)..]],
                    _ => [.. bytes[..at], (byte)random.Next(256), .. bytes[(at + 1)..]],
                };
            }

            yield return bytes;
        }
    }

    /// <summary>Reads something, which must succeed or be refused in one line.</summary>
    public static void AssertReadOrRefused(Action read, byte[] mutant)
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
