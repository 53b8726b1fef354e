using GptGen.Runtime.Tests.Operators;
using Xunit;

namespace GptGen.Cuda.Tests.Device;

/// <summary>Decoding that is recorded once for each number of rows and then repeated, beside the same without recordings.</summary>
public class RecordedDecodingTests
{
    private const int Capacity = 160;
    private const int Slots = 3;

    /// <summary>Numbers of rows of passes one after the other: each again and again, and in turn with others.</summary>
    private static readonly int[] s_passes = [1, 1, 1, 3, 3, 1, 2, 3, 2, 2, 1, 3];

    [Theory]
    [InlineData(GpuPrecision.Float32)]
    [InlineData(GpuPrecision.BFloat16)]
    public void A_recording_leaves_what_the_calls_leave(GpuPrecision precision)
    {
        using var machine = new TestMachine(("DEFERRED", "1"));
        using CudaDevice recording = machine.Open(precision), calling = machine.Open(precision);
        calling.Records = false;
        Assert.Equal(Decode(calling), Decode(recording));
        Assert.Equal(0, calling.Replays);
        // Of each number of rows all but the first.
        Assert.Equal(s_passes.Length - 3, recording.Replays);
    }

    [Fact]
    public void The_checker_finds_nothing()
    {
        using var machine = new TestMachine(("CHECK", "1"));
        using var device = machine.Open(GpuPrecision.BFloat16);
        Decode(device);
        Assert.NotEqual(0, device.Replays);
        TestTarget.AssertNothingReported();
    }

    /// <summary>Attention's parts lie in scratch memory, which moves when another operator needs more.</summary>
    [Fact]
    public void Memory_that_moves_is_recorded_anew()
    {
        using var machine = new TestMachine();
        using CudaDevice moving = machine.Open(), staying = machine.Open();
        var expected = Decode(staying);
        Assert.Equal(expected, Decode(moving, between: pass =>
        {
            using var memory = new TestMemory(moving);
            var rows = 2000 * (pass + 1);
            moving.LinearBackwardWeight(
                memory.Rows<Width7>(new double[rows * 7]), memory.Rows<Width7>(new double[rows * 7]),
                memory.Matrix<Width7, Width7>(new double[49], BufferRole.Gradient), memory.Vector<Width7>(new double[7], BufferRole.Gradient),
                GradientWrite.Write);
        }));
        Assert.Equal(staying.Replays, moving.Replays);
    }

    /// <summary>Which kernels multiply is chosen anew: the recording with the others is no longer used.</summary>
    [Fact]
    public void A_choice_of_other_kernels_counts()
    {
        using var machine = new TestMachine();
        using CudaDevice chosen = machine.Open(), before = machine.Open(), after = machine.Open();
        after.MultipliesFewRows = false;
        var (own, others) = (Decode(before), Decode(after));
        Assert.NotEqual(own, others);
        var changed = Decode(chosen, between: pass =>
        {
            if (pass == 2)
                chosen.MultipliesFewRows = false;
        });
        Assert.Equal(own.Take(2), changed.Take(2));
        // What had been recorded before.
        Assert.NotEqual(own[2], changed[2]);
        Assert.NotEqual(0, chosen.Replays);
    }

    /// <summary>Whoever watches the calls sees each one.</summary>
    [Fact]
    public void An_observer_sees_the_calls()
    {
        using var machine = new TestMachine();
        using var device = machine.Open();
        var calls = 0;
        device.Observer = operation => calls += operation == nameof(GptGen.Device.AttentionDecode) ? 1 : 0;
        Decode(device);
        Assert.Equal(2 * s_passes.Length, calls);
        Assert.Equal(0, device.Replays);
    }

    /// <summary>A recording does not use weights that are disposed of.</summary>
    [Fact]
    public void A_disposed_model_is_refused()
    {
        using var machine = new TestMachine();
        using var device = machine.Open();
        var model = RecordedModel.Create(device);
        using var graph = model.CreateInference(1, 8, 8, 1);
        for (var position = 0; position < 3; position++)
            graph.Decode([1], [position], [0]);
        Assert.Equal(2, device.Replays);
        model.Dispose();
        Assert.Throws<ObjectDisposedException>(() => graph.Decode([1], [3], [0]));
    }

    /// <summary>Logits and final states of each pass; prompts longer than a block's keys, and a prefill between.</summary>
    private static float[][] Decode(CudaDevice device, Action<int>? between = null)
    {
        using var model = RecordedModel.Create(device);
        model.Initialize(3);
        using var graph = model.CreateInference(Slots, Capacity, Slots * 140, Slots);
        Prefill(140);
        var positions = new int[Slots];
        positions.AsSpan().Fill(140);
        var results = new List<float[]>();
        for (var pass = 0; pass < s_passes.Length; pass++)
        {
            between?.Invoke(pass);
            if (pass == 6)
            {
                Prefill(5);
                positions.AsSpan().Fill(5);
            }

            // The last slots, so that rows are not slots.
            var rows = s_passes[pass];
            int[] slots = [.. Enumerable.Range(Slots - rows, rows)];
            graph.Decode([.. slots.Select(slot => (5 * pass) + slot)], [.. slots.Select(slot => positions[slot]++)], slots);
            for (var row = 0; row < rows; row++)
            {
                float[] logits = new float[61], hidden = new float[16];
                graph.ReadLogits(row, logits);
                graph.ReadHidden(row, hidden);
                results.Add([.. logits, .. hidden]);
            }
        }

        return [.. results];

        void Prefill(int length) => graph.Prefill(
            length, [.. Enumerable.Range(0, Slots * length).Select(static index => index * 5 % 61)], [length, length, length], [0, 1, 2]);
    }
}

/// <summary>Wide enough for the products of few rows, with more positions than a block of attention reads.</summary>
[Gpt2(Layers = 2, Heads = 2, Width = 16, Context = 160, Vocabulary = 61)]
public sealed partial class RecordedModel;
