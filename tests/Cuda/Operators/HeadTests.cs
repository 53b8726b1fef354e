using GptGen.Cuda.Driver;
using GptGen.Cuda.Tests.Device;
using GptGen.Reference;
using GptGen.Runtime.Tests.Operators;
using Xunit;

namespace GptGen.Cuda.Tests.Operators;

/// <summary>
/// The head's kernel and products against the reference: vocabularies of every block size, padded and not, rows that a block keeps and longer ones.
/// </summary>
public class HeadTests
{
    /// <summary>Of numbers of bf16 that are rounded one after the other.</summary>
    private const double LimitOfBFloat16 = 1e-2;

    private static readonly GpuElementTypes s_types = new(GpuPrecision.BFloat16);

    [Theory]
    [InlineData(GradientWrite.Write)]
    [InlineData(GradientWrite.Add)]
    public void FewTokens(GradientWrite write) => Compare((device, memory) => HeadCase.Run<PaddedVocabulary>(device, memory, write));

    [Theory]
    [InlineData(GradientWrite.Write, 0)]
    [InlineData(GradientWrite.Add, 0.1f)]
    public void FewTokensWithABias(GradientWrite write, float smoothing) =>
        Compare((device, memory) => HeadCase.Run<PaddedVocabulary>(device, memory, write, withBias: true, smoothing));

    [Theory]
    [InlineData(false, 0)]
    [InlineData(true, 0.1f)]
    public void RowsOfOddLength(bool withBias, float smoothing) =>
        Compare((device, memory) => HeadCase.Run<Unpadded>(device, memory, GradientWrite.Write, withBias, smoothing));

    [Theory]
    [InlineData(false, 0)]
    [InlineData(true, 0.1f)]
    public void ManyTokens(bool withBias, float smoothing) =>
        Compare((device, memory) => HeadCase.Run<Large>(device, memory, GradientWrite.Write, withBias, smoothing));

    /// <summary>In f32 the largest that a block keeps, without padding, and one that is read in two passes.</summary>
    [Theory]
    [InlineData(false, 0)]
    [InlineData(true, 0.1f)]
    public void RowsAroundTheLongestThatIsKept(bool withBias, float smoothing)
    {
        Compare<LongestKept>();
        Compare<Longer>();

        // By the norm, as sums over so many tokens are not exact to the last bits.
        void Compare<TVocabulary>()
            where TVocabulary : struct, IDimension
        {
            using var machine = new TestMachine();
            OperatorComparison.VerifyNorms(
                () => machine.Open(), [.. Enumerable.Repeat(1e-5, withBias ? 6 : 5)],
                device => OperatorComparison.Run(
                    device, (device, memory) => HeadCase.Run<TVocabulary>(device, memory, GradientWrite.Write, withBias, smoothing)));
        }
    }

    /// <summary>Blocks that have several rows, and load the next one while they compute.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(0.1f)]
    public void MoreRowsThanBlocks(float smoothing)
    {
        var rows = TestTarget.IsRealGpu ? 1300 : 70;
        Compare((device, memory) => HeadCase.Run<Large>(device, memory, GradientWrite.Write, smoothing: smoothing, rows: rows, chunk: rows - 3));
    }

    [Theory]
    [InlineData(false, 0)]
    [InlineData(true, 0.1f)]
    public void RowsOfBFloat16(bool withBias, float smoothing)
    {
        CompareBFloat16<Unpadded>(withBias, smoothing, packs: LossBlock.MostPacks);
        CompareBFloat16<Large>(withBias, smoothing, packs: LossBlock.MostPacks);
        // GPT-2's: of 1,024 threads, of 512, and in two passes.
        foreach (var packs in (int[])[LossBlock.MostPacks, 13, 0])
            CompareBFloat16<Gpt2>(withBias, smoothing, packs);
    }

    /// <summary>What a block keeps, by vocabulary and type.</summary>
    [Theory]
    [InlineData(GpuPrecision.BFloat16, 256, 128, 1)]
    [InlineData(GpuPrecision.BFloat16, 8192, 128, 8)]
    [InlineData(GpuPrecision.BFloat16, 8193, 512, 3)]
    [InlineData(GpuPrecision.BFloat16, 30522, 512, 8)]
    [InlineData(GpuPrecision.BFloat16, 50257, 1024, 7)]
    [InlineData(GpuPrecision.BFloat16, 65536, 1024, 8)]
    [InlineData(GpuPrecision.BFloat16, 65537, 512, 0)]
    [InlineData(GpuPrecision.Float32, 32768, 1024, 8)]
    [InlineData(GpuPrecision.TensorFloat32, 50257, 512, 0)]
    public void ABlockKeepsWhatFits(GpuPrecision precision, int vocabulary, int threads, int packs)
    {
        Assert.Equal(new(vocabulary, threads, packs), LossBlock.Of(vocabulary, new(precision)));
        Assert.Equal(0, LossBlock.Of(vocabulary, new(precision), mostPacks: 0).Packs);
    }

    [Theory]
    [InlineData(GradientWrite.Write, 0)]
    [InlineData(GradientWrite.Add, 1)]
    public void WithoutRows(GradientWrite write, double expected)
    {
        using var machine = new TestMachine();
        using var device = machine.Open();
        using var memory = new TestMemory(device);
        var none = memory.Rows<Width15>([]);
        var dWeight = memory.Matrix<PaddedVocabulary, Width15>([.. Enumerable.Repeat(1.0, 16 * 15)]);
        var dBias = memory.Vector<PaddedVocabulary>([.. Enumerable.Repeat(1.0, 16)]);
        device.HeadLossBackward(
            none, memory.Matrix<PaddedVocabulary, Width15>(TestMemory.Random(1, 16 * 15)), memory.Vector<PaddedVocabulary>(TestMemory.Random(2, 16)),
            memory.Integers(), memory.Statistics(0), memory.Rows<PaddedVocabulary>(new double[16]), memory.Statistics(0), none, dWeight, dBias,
            write);
        Assert.All(TestMemory.Read(dWeight.Start), value => Assert.Equal(expected, value));
        Assert.All(TestMemory.Read(dBias.Start), value => Assert.Equal(expected, value));
    }

    [Fact]
    public void LogitsFarFromZero() => Compare((device, memory) =>
    {
        // Exponentials of these overflow f32; only differences from the maximum may be used. Every product is exact in f32.
        var x = memory.Rows<Width15>([.. Enumerable.Repeat(1.0, 15), .. Enumerable.Repeat(-1.0, 15)]);
        var table = new double[16 * 15];
        for (var token = 0; token < 16; token++)
            table[(token * 15) + (token % 15)] = 100 + (token * 0.5);
        var losses = memory.Statistics(2);
        var smoothed = memory.Statistics(2);
        var weight = memory.Matrix<PaddedVocabulary, Width15>(table);
        device.HeadLoss(x, weight, default, memory.Integers(10, 3), memory.Rows<PaddedVocabulary>(new double[32]), losses);
        device.HeadLoss(x, weight, default, memory.Integers(10, 3), memory.Rows<PaddedVocabulary>(new double[32]), smoothed, 0.5f);
        return [losses.Start, smoothed.Start];
    });

    private static void Compare(Func<GptGen.Device, TestMemory, Location[]> run)
    {
        using var machine = new TestMachine();
        OperatorComparison.Verify(() => machine.Open(), run);
    }

    private static void CompareBFloat16<TVocabulary>(bool withBias, float smoothing, int packs)
        where TVocabulary : struct, IDimension
    {
        using var machine = new TestMachine();
        var expected = OperatorComparison.Run(
            new ReferenceDevice(), Run, static role => role != BufferRole.Token && s_types.Of(role) == GpuElement.BFloat16);
        var (first, second) = (OnGpu(), OnGpu());
        for (var output = 0; output < expected.Length; output++)
        {
            var distance = OperatorComparison.RelativeNorm(expected[output], first[output]);
            Assert.True(distance <= LimitOfBFloat16, $"{TVocabulary.Size} tokens, {packs} packs, output {output}: distance {distance:g3}.");
            Assert.True(first[output].AsSpan().SequenceEqual(second[output]), $"Output {output} has other bits the second time.");
        }

        double[][] OnGpu()
        {
            var device = machine.Open(GpuPrecision.BFloat16);
            device.MostLossPacks = packs;
            return OperatorComparison.Run(device, Run);
        }

        Location[] Run(GptGen.Device device, TestMemory memory) =>
            HeadCase.Run<TVocabulary>(device, memory, GradientWrite.Write, withBias, smoothing);
    }

    private readonly struct Gpt2 : IDimension
    {
        public static int Size => 50257;

        public static int Stored => 50304;
    }

    private readonly struct LongestKept : IDimension
    {
        public static int Size => 32768;

        public static int Stored => 32768;
    }

    private readonly struct Longer : IDimension
    {
        public static int Size => 32773;

        public static int Stored => 32832;
    }

    /// <summary>Padded, with a last quad of one token, for the large blocks.</summary>
    private readonly struct Large : IDimension
    {
        public static int Size => 8257;

        public static int Stored => 8320;
    }

    /// <summary>Rows of which no quad but the first is aligned.</summary>
    private readonly struct Unpadded : IDimension
    {
        public static int Size => 37;

        public static int Stored => 37;
    }
}
