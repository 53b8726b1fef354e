using GptGen.Cpu;
using GptGen.Reference;
using GptGen.Runtime.Tests.Cpu;
using Xunit;

namespace GptGen.Runtime.Tests.Operators;

/// <summary>Attention on the CPU over sequences of several strips, full and part, against the reference, at every vector width.</summary>
public sealed class AttentionStripTests
{
    private const int Length = 109;

    private static readonly int[] Lengths = [109, 0, 48, 61];

    public static TheoryData<string, AttentionMask, bool> Cases()
    {
        var data = new TheoryData<string, AttentionMask, bool>();
        foreach (SimdLevel level in SimdHardware.Available)
        {
            foreach (AttentionMask mask in Enum.GetValues<AttentionMask>())
            {
                data.Add(level.ToString(), mask, false);
                data.Add(level.ToString(), mask, true);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void AgreesWithTheReference(string level, AttentionMask mask, bool drop)
    {
        using var reference = new ReferenceDevice();
        double[][] expected = Run(reference, mask, drop);
        double[][]? first = null;
        foreach (int threads in new[] { 1, 2, 3 })
        {
            using var device = new CpuDevice(threads, Levels.Parse(level));
            double[][] actual = Run(device, mask, drop);
            for (int result = 0; result < expected.Length; result++)
            {
                for (int i = 0; i < expected[result].Length; i++)
                    Assert.Equal(expected[result][i], actual[result][i], 2e-5);
                if (first is not null)
                    Assert.Equal(first[result], actual[result]);
            }

            first ??= actual;
        }
    }

    private static double[][] Run(Device device, AttentionMask mask, bool drop)
    {
        var memory = new TestMemory(device);
        var heads = new AttentionHeads<Width15, Width15>(3, 3, mask);
        DropoutSite site = drop ? new Dropout(0.3f, 5, 2, 0).Site(1, 3) : default;
        int rows = Lengths.Length * Length;
        Integers lengths = memory.Integers(Lengths);
        Rows<Triple<Width15>> qkv = memory.Rows<Triple<Width15>>(TestMemory.Random(1, rows * 45));
        Rows<Width15> dy = memory.Rows<Width15>(TestMemory.Random(2, rows * 15));

        // Results begin as other numbers, so that what is left unwritten shows.
        Rows<Width15> y = memory.Rows<Width15>(TestMemory.Random(3, rows * 15));
        Rows<Triple<Width15>> dQkv = memory.Rows<Triple<Width15>>(TestMemory.Random(4, rows * 45));
        Statistics logSumExp = memory.Statistics(rows * 3);
        device.Attention(qkv.Query(), qkv.Key(), qkv.Value(), heads, lengths, lengths, site, y, logSumExp);
        device.AttentionBackward(
            dy, qkv.Query(), qkv.Key(), qkv.Value(), y, logSumExp, heads, lengths, lengths, site, dQkv.Query(), dQkv.Key(), dQkv.Value());
        return [TestMemory.Read(y.Start), TestMemory.Read(logSumExp.Start), TestMemory.Read(dQkv.Start)];
    }
}
