using System.Globalization;
using GptGen.Cuda;
using GptGen.Cuda.Driver;

namespace GptGen.Benchmarks.Gpu;

/// <summary>Causal attention of GPT-2 small's 12 heads of 64, forward and back: on warpgroups, on tensor cores, and on ordinary ones.</summary>
internal static class AttentionBenchmark
{
    private const int Runs = 7;

    /// <summary>Prints a line for each precision.</summary>
    public static int Run(int sequences, int length)
    {
        foreach (var precision in (GpuPrecision[])[GpuPrecision.TensorFloat32, GpuPrecision.BFloat16])
        {
            using var device = new CudaDevice(0, precision);
            using var work = new Work<Triple<Quadruple<Size64>>>(device, sequences, length);
            // Half of a product of all queries and keys, of which there are two forward and at least five back.
            var flops = 1.0 * sequences * length * length * Work<Triple<Quadruple<Size64>>>.Width;
            foreach (var cores in Enum.GetValues<AttentionCores>())
            {
                device.AttendsOn = cores;
                var (forward, backward) = (
                    GpuTimer.Measure(device.Stream, work.Forward, Runs).Median, GpuTimer.Measure(device.Stream, work.Backward, Runs).Median);
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{device.GpuName}, {sequences} x {length}, {precision}, {cores}: "
                    + $"forward {1e3 * forward:f3} ms, {2e-12 * flops / forward:f1} TFLOP/s; "
                    + $"backward {1e3 * backward:f3} ms, {5e-12 * flops / backward:f1} TFLOP/s"));
            }
        }

        return 0;
    }

    private sealed class Work<TWidth> : IDisposable
        where TWidth : struct, IDimension
    {
        private readonly CudaDevice device;
        private readonly WorkMemory memory;
        private readonly AttentionHeads<TWidth, TWidth> heads;
        private readonly Integers lengths;
        private readonly Rows<Triple<TWidth>> qkv, dQkv;
        private readonly Rows<TWidth> y, dy;
        private readonly Statistics logSumExp;

        public Work(CudaDevice device, int sequences, int length)
        {
            this.device = device;
            memory = new(device);
            heads = new(Width / Size64.Size, Width / Size64.Size, AttentionMask.Causal);
            var rows = sequences * length;
            lengths = memory.Integers(sequences, length);
            (qkv, dQkv) = (memory.Rows<Triple<TWidth>>(rows), memory.Rows<Triple<TWidth>>(rows));
            (y, dy) = (memory.Rows<TWidth>(rows), memory.Rows<TWidth>(rows));
            logSumExp = memory.Statistics(rows * heads.QueryHeads);
        }

        public static int Width => TWidth.Size;

        public void Forward() =>
            device.Attention(qkv.Query(), qkv.Key(), qkv.Value(), heads, lengths, lengths, default, y, logSumExp);

        public void Backward() => device.AttentionBackward(
            dy, qkv.Query(), qkv.Key(), qkv.Value(), y, logSumExp, heads, lengths, lengths, default, dQkv.Query(), dQkv.Key(), dQkv.Value());

        public void Dispose() => memory.Dispose();
    }

    private readonly struct Size64 : IDimension
    {
        public static int Size => 64;

        public static int Stored => Size;
    }
}
