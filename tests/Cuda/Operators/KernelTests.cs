using GptGen.Cuda.Tests.Device;
using GptGen.Runtime.Tests.Operators;
using GptGen.Runtime.Tests.Sampling;
using Xunit;

namespace GptGen.Cuda.Tests.Operators;

/// <summary>The kernels of attention, head and sampling under the emulator's checker.</summary>
public class KernelTests
{
    [Theory]
    [InlineData(5, AttentionMask.Causal, true, 70)]
    [InlineData(64, AttentionMask.Causal, false, 70)]
    [InlineData(128, AttentionMask.Full, false, 35)]
    [InlineData(256, AttentionMask.Causal, false, 20)]
    public void Attention_has_no_race(int headSize, AttentionMask mask, bool drop, int length) =>
        Check((device, memory) => AttentionCase.Train(device, memory, headSize, mask, drop, length, [length, length / 3, 0]));

    [Theory]
    [InlineData("cross")]
    [InlineData("causal, more keys")]
    [InlineData("causal, more queries, aligned")]
    [InlineData("grouped by two")]
    public void Attention_over_slices_has_no_race(string name)
    {
        var slices = AttentionSlices.Long[name];
        using var machine = new TestMachine(("CHECK", "1"));
        using (var device = machine.Open())
            slices.Run<Width36>(device, slices.Inputs(Width36.Size));
        TestTarget.AssertNothingReported();
    }

    [Theory]
    [InlineData(5)]
    [InlineData(64)]
    public void Decoding_has_no_race(int headSize) => Check((device, memory) => AttentionCase.Generate(device, memory, headSize, 150, 2, [3, 128]));

    [Theory]
    [InlineData("memory")]
    [InlineData("window")]
    [InlineData("few queries")]
    public void Relative_attention_has_no_race(string name)
    {
        CheckRelative<Size10>(RelativeCase.Long[name] with { Sequences = 2 });
        CheckRelative<Size64>(RelativeCase.Long[name] with { Sequences = 1 });
    }

    [Fact]
    public void Relative_attention_of_wide_heads_has_no_race() => CheckRelative<Double<Size64>>(new(1, 17, 18));

    [Theory]
    [InlineData(7, 12)]
    [InlineData(131, 133)]
    public void Decoding_against_a_ring_has_no_race(int capacity, int tokens)
    {
        var inputs = new RelativeCase(2, tokens, 0).Inputs(10);
        using var machine = new TestMachine(("CHECK", "1"));
        using (var device = machine.Open())
            RelativeDecodeCase.Run<Size10>(device, capacity, tokens, 1, inputs[0], [inputs[1][..(capacity * 20)], inputs[2], inputs[3]]);
        TestTarget.AssertNothingReported();
    }

    [Fact]
    public void Memory_has_no_race() => Check(Memories);

    [Fact]
    public void The_head_has_no_race() => Check((device, memory) => HeadCase.Run<PaddedVocabulary>(device, memory, GradientWrite.Add));

    /// <summary>Of blocks that have several rows.</summary>
    [Theory]
    [InlineData(GpuPrecision.Float32)]
    [InlineData(GpuPrecision.BFloat16)]
    public void The_head_of_many_rows_has_no_race(GpuPrecision precision) =>
        Check((device, memory) => HeadCase.Run<PaddedVocabulary>(device, memory, GradientWrite.Write, rows: 139, chunk: 137), precision);

    [Fact]
    public void The_smoothed_head_has_no_race() =>
        Check((device, memory) => HeadCase.Run<PaddedVocabulary>(device, memory, GradientWrite.Write, withBias: true, smoothing: 0.1f));

    [Fact]
    public void Log_probabilities_of_clusters_have_no_race() =>
        Check(static (device, memory) => ClusterLogitsCase.Run<Columns700, Tokens710>(device, memory, 3));

    [Fact]
    public void Copying_slots_has_no_race() => Check(SlotCopies);

    [Fact]
    public void Positions_have_no_race() => Check(PositionLossCase.Run<Width3>);

    [Fact]
    public void A_mix_of_layers_has_no_race() => Check(static (device, memory) => MixLayersCase.Run<Width7>(device, memory, 3001));

    [Fact]
    public void Filters_over_characters_have_no_race() =>
        Check(static (device, memory) => new CharacterCase(Activation.Tanh, 41).Run<Width5, Width148>(device, memory));

    [Fact]
    public void A_sampled_head_has_no_race() => Check(static (device, memory) => SampledHeadCase.Run<Width148>(device, memory, 300));

    [Fact]
    public void A_highway_has_no_race() => Check(static (device, memory) => HighwayCase.Run<Width148>(device, memory, 41));

    [Fact]
    public void Sampling_has_no_race()
    {
        using var machine = new TestMachine(("CHECK", "1"));
        using (var device = machine.Open())
            SamplingCase.Run<OddVocabulary>(device, 301, most: 5);
        TestTarget.AssertNothingReported();
    }

    /// <summary>Heads of more numbers than a block has threads, a slot that is copied from twice.</summary>
    internal static Location[] SlotCopies(GptGen.Device device, TestMemory memory)
    {
        var numbers = memory.Numbers(TestMemory.Random(1, 2 * 5 * 3 * 70 * 5), BufferRole.Cache);
        device.CopySlots(new(numbers, 2, 5, 3, 70, 5), memory.Integers(1, 1, 3), memory.Integers(0, 4, 2), memory.Integers(60, 70, 1));
        return [numbers];
    }

    /// <summary>Rows that no block's threads share alike, joined, added and kept.</summary>
    internal static Location[] Memories(GptGen.Device device, TestMemory memory)
    {
        var joined = memory.Rows<Width30>(TestMemory.Random(1, 3 * 70 * 30));
        var (x, kept) = (memory.Rows<Width30>(TestMemory.Random(2, 3 * 41 * 30)), memory.Rows<Width30>(TestMemory.Random(3, 3 * 52 * 30)));
        device.JoinMemory(memory.Rows<Width30>(TestMemory.Random(4, 3 * 29 * 30)), x, 3, joined);
        device.JoinMemoryBackward(joined, 3, x, GradientWrite.Add);
        device.KeepMemory(joined, 3, kept);
        return [joined.Start, x.Start, kept.Start];
    }

    private static void CheckRelative<THead>(RelativeCase attention)
        where THead : struct, IDimension
    {
        var inputs = attention.PoisonedInputs(THead.Size);
        using var machine = new TestMachine(("CHECK", "1"));
        using (var device = machine.Open())
            attention.Run<THead>(device, inputs);
        TestTarget.AssertNothingReported();
    }

    private static void Check(Func<GptGen.Device, TestMemory, Location[]> run, GpuPrecision precision = GpuPrecision.Float32)
    {
        using var machine = new TestMachine(("CHECK", "1"));
        OperatorComparison.Run(machine.Open(precision), run);
        TestTarget.AssertNothingReported();
    }
}
