using System.Globalization;
using GptGen.Cuda.Driver;

namespace GptGen.Benchmarks.Gpu;

/// <summary>
/// An LSTM's scan, forward and back, both ways at each size: all steps in one launch, and step by step with products of cuBLAS. Where the first
/// is faster says what <see cref="CudaDevice.OneLaunchScanBytes"/> should be.
/// </summary>
internal static class ScanBenchmark
{
    private const int Runs = 7;

    /// <summary>Prints the ladder.</summary>
    public static int Run(int length)
    {
        using var device = new CudaDevice(0, GpuPrecision.TensorFloat32);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{device.GpuName}, TF32 in products, {length} steps; microseconds a step, fastest / middle"));
        Console.WriteLine("cells x outputs, weights, sequences      one launch: forward, back            step by step: forward, back");
        foreach (var sequences in (int[])[1, 16, 128, 512])
        {
            Measure<Size224, Size80>(device, sequences, length);
            Measure<Double<Quadruple<Size64>>, Size64>(device, sequences, length);
            Measure<Double<Quadruple<Size64>>, Double<Size64>>(device, sequences, length);
            Measure<Quadruple<Quadruple<Size64>>, Double<Size64>>(device, sequences, length);
        }

        return 0;
    }

    private static void Measure<TCells, TProjection>(CudaDevice device, int sequences, int length)
        where TCells : struct, IDimension
        where TProjection : struct, IDimension
    {
        using var work = new Work<TCells, TProjection>(device, sequences, length);
        var text = string.Create(
            CultureInfo.InvariantCulture,
            $"{TCells.Size,5} x {TProjection.Size,-4}{5.0 * TCells.Size * TProjection.Size * sizeof(float) / (1 << 20),9:f2} MiB{sequences,8}     ");
        foreach (var most in (int[])[int.MaxValue, 0])
        {
            device.OneLaunchScanBytes = most;
            text += Microseconds(GpuTimer.Measure(device.Stream, work.Forward, Runs));
            text += Microseconds(GpuTimer.Measure(device.Stream, work.Backward, Runs));
        }

        Console.WriteLine(text);

        string Microseconds(Timing timing) => string.Create(
            CultureInfo.InvariantCulture, $"{1e6 * timing.Minimum / length,9:f2} /{1e6 * timing.Median / length,7:f2}  ");
    }

    private sealed class Work<TCells, TProjection> : IDisposable
        where TCells : struct, IDimension
        where TProjection : struct, IDimension
    {
        private readonly CudaDevice device;
        private readonly List<Arena> arenas = [];
        private readonly LstmRecurrence recurrence = new(TimeDirection.Forward, 3, 3);
        private readonly Integers lengths;
        private readonly Rows<Quadruple<TCells>> gates, activated, dGates;
        private readonly Rows<TCells> cells;
        private readonly Rows<TProjection> y, dy;
        private readonly Matrix<Quadruple<TCells>, TProjection> recurrent, dRecurrent;
        private readonly Matrix<TProjection, TCells> projection, dProjection;
        private uint seed;

        public Work(CudaDevice device, int sequences, int length)
        {
            this.device = device;
            var rows = sequences * length;
            lengths = new(Allocate(BufferRole.Token, sequences), sequences);
            int[] full = [.. Enumerable.Repeat(length, sequences)];
            arenas[^1].Write(0, full);
            (gates, activated, dGates) = (Rows<Quadruple<TCells>>(rows), Rows<Quadruple<TCells>>(rows), Rows<Quadruple<TCells>>(rows));
            (cells, y, dy) = (Rows<TCells>(rows), Rows<TProjection>(rows), Rows<TProjection>(rows));
            (recurrent, projection) = (new(Weights(BufferRole.Parameter)), new(Weights(BufferRole.Parameter)));
            (dRecurrent, dProjection) = (new(Weights(BufferRole.Gradient)), new(Weights(BufferRole.Gradient)));
        }

        public void Forward() => device.LstmScan(
            gates, recurrent, projection, lengths, recurrence, default, default, activated, cells, y, default, default);

        public void Backward() => device.LstmScanBackward(
            dy, activated, cells, y, recurrent, projection, lengths, recurrence, default, default, dGates, dRecurrent, dProjection,
            GradientWrite.Write);

        public void Dispose() => arenas.ForEach(static arena => arena.Dispose());

        // As large as the recurrent matrix; the projection needs a quarter.
        private Location Weights(BufferRole role) => Numbers(role, 4 * TCells.Size * TProjection.Size);

        private Rows<TWidth> Rows<TWidth>(int count)
            where TWidth : struct, IDimension =>
            new(Numbers(BufferRole.Activation, (nint)count * TWidth.Size), count);

        private Location Numbers(BufferRole role, nint count)
        {
            var place = Allocate(role, count);
            var values = new float[count];
            RandomNumbers.RandomStream.Batches(++seed, 0, 0).FillUniform(0, values);
            for (var i = 0; i < values.Length; i++)
                values[i] = 0.1f * (values[i] - 0.5f);
            arenas[^1].Write(0, values);
            return place;
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

    private readonly struct Size80 : IDimension
    {
        public static int Size => 80;

        public static int Stored => Size;
    }

    private readonly struct Size224 : IDimension
    {
        public static int Size => 224;

        public static int Stored => Size;
    }
}
