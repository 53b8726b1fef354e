using System.Globalization;
using GptGen.Cuda.Driver;

namespace GptGen.Benchmarks.Gpu;

/// <summary>Causal attention of GPT-2 small's 12 heads of 64, forward and back: on tensor cores, and on ordinary ones.</summary>
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
            foreach (var isOrdinary in (bool[])[false, true])
            {
                device.AttendsOnOrdinaryCores = isOrdinary;
                var (forward, backward) = (
                    GpuTimer.Measure(device.Stream, work.Forward, Runs).Median, GpuTimer.Measure(device.Stream, work.Backward, Runs).Median);
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{device.GpuName}, {sequences} x {length}, {precision}, {(isOrdinary ? "ordinary" : "tensor")} cores: "
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
        private readonly List<Arena> arenas = [];
        private readonly AttentionHeads<TWidth, TWidth> heads;
        private readonly Integers lengths;
        private readonly Rows<Triple<TWidth>> qkv, dQkv;
        private readonly Rows<TWidth> y, dy;
        private readonly Statistics logSumExp;
        private uint seed;

        public Work(CudaDevice device, int sequences, int length)
        {
            this.device = device;
            heads = new(Width / Size64.Size, Width / Size64.Size, AttentionMask.Causal);
            var rows = sequences * length;
            lengths = new(Allocate(BufferRole.Token, sequences), sequences);
            int[] full = [.. Enumerable.Repeat(length, sequences)];
            arenas[^1].Write(0, full);
            (qkv, dQkv) = (Rows<Triple<TWidth>>(rows), Rows<Triple<TWidth>>(rows));
            (y, dy) = (Rows<TWidth>(rows), Rows<TWidth>(rows));
            logSumExp = new(Allocate(BufferRole.Statistic, (nint)rows * heads.QueryHeads), rows * heads.QueryHeads);
        }

        public static int Width => TWidth.Size;

        public void Forward() =>
            device.Attention(qkv.Query(), qkv.Key(), qkv.Value(), heads, lengths, lengths, default, y, logSumExp);

        public void Backward() => device.AttentionBackward(
            dy, qkv.Query(), qkv.Key(), qkv.Value(), y, logSumExp, heads, lengths, lengths, default, dQkv.Query(), dQkv.Key(), dQkv.Value());

        public void Dispose() => arenas.ForEach(static arena => arena.Dispose());

        private Rows<T> Rows<T>(int count)
            where T : struct, IDimension
        {
            // Variance 1, as products of small numbers run faster; the same numbers for each part.
            const int PartRows = 1024;
            var place = Allocate(BufferRole.Activation, (nint)count * T.Size);
            var values = new float[PartRows * T.Size];
            RandomNumbers.RandomStream.Batches(++seed, 0, 0).FillNormal(0, values, 0, 1);
            for (var row = 0; row < count; row += PartRows)
                arenas[^1].Write((nint)row * T.Size, values.AsSpan(0, Math.Min(PartRows, count - row) * T.Size));
            return new(place, count);
        }

        private Location Allocate(BufferRole role, nint count)
        {
            arenas.Add(device.Allocate(role, count));
            return arenas[^1].At(0);
        }
    }

    private readonly struct Size64 : IDimension
    {
        public static int Size => 64;

        public static int Stored => Size;
    }
}
