using System.Globalization;
using GptGen.Cuda;

namespace GptGen.Benchmarks.Gpu;

/// <summary>
/// What cuBLASLt does within products beside what kernels of our own do behind them, at the sizes of GPT-2 small's blocks. Where the first is faster
/// says what <see cref="AskedFusions.Measured"/> should be.
/// </summary>
internal static class FusedBenchmark
{
    private const int Runs = 7;

    /// <summary>Prints a table for each precision.</summary>
    public static int Run(int rows)
    {
        foreach (var precision in Enum.GetValues<GpuPrecision>())
        {
            using var device = new CudaDevice(0, precision, ProductFusions.All);
            using var work = new Work<Width, Hidden, Packed>(device, rows);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{device.GpuName}, {rows} rows, {Precisions.NameOf(precision)}; milliseconds, fastest / middle of {Runs}"));
            Console.WriteLine($"{"operator",-44}{"fusion",-22}{"within",17}{"behind",20}{"behind / within",18}");
            Measure(device, $"{nameof(device.Linear)} {Width.Size} -> {Packed.Size}", ProductFusions.Bias, work.Linear);
            Measure(device, $"{nameof(device.LinearResidual)} {Width.Size} -> {Width.Size}", ProductFusions.Residual, work.Project);
            Measure(device, $"{nameof(device.LinearResidual)} {Hidden.Size} -> {Width.Size}", ProductFusions.Residual, work.Contract);
            Measure(device, $"{nameof(device.LinearActivation)} {Width.Size} -> {Hidden.Size}", ProductFusions.Activation, work.Expand);
            Measure(
                device, $"{nameof(device.LinearBackwardActivation)} {Width.Size} -> {Hidden.Size}", ProductFusions.ActivationGradient,
                work.ExpandBackward);
            Measure(
                device, $"{nameof(device.LinearBackwardWeight)} {Width.Size} x {Packed.Size}", ProductFusions.BiasGradient, work.WeightBackward);
        }

        return 0;
    }

    /// <summary>One behind the other, so that both see the same clocks.</summary>
    private static void Measure(CudaDevice device, string name, ProductFusions fusion, Action call)
    {
        device.Fusions = fusion;
        var before = device.FusedProducts;
        call();
        var isServed = device.FusedProducts > before;
        device.Fusions = ProductFusions.None;
        var behind = GpuTimer.Measure(device.Stream, call, Runs);
        device.Fusions = fusion;
        var within = GpuTimer.Measure(device.Stream, call, Runs);
        var ratio = isServed ? string.Create(CultureInfo.InvariantCulture, $"{behind.Median / within.Median:f3}") : "";
        var measured = isServed ? Milliseconds(within) : "not served";
        Console.WriteLine($"{name,-44}{fusion,-22}{measured,17}{Milliseconds(behind),20}{ratio,18}".TrimEnd());
    }

    private static string Milliseconds(Timing timing) =>
        string.Create(CultureInfo.InvariantCulture, $"{1e3 * timing.Minimum:f3} / {1e3 * timing.Median:f3}");

    private sealed class Work<TWidth, THidden, TPacked> : IDisposable
        where TWidth : struct, IDimension
        where THidden : struct, IDimension
        where TPacked : struct, IDimension
    {
        private readonly CudaDevice device;
        private readonly WorkMemory memory;
        private readonly Rows<TWidth> x, y, residual;
        private readonly Rows<THidden> before, activated;
        private readonly Rows<TPacked> packed;
        private readonly Matrix<TPacked, TWidth> packedWeight, dPackedWeight;
        private readonly Matrix<TWidth, TWidth> projectionWeight;
        private readonly Matrix<THidden, TWidth> expandWeight;
        private readonly Matrix<TWidth, THidden> contractWeight;
        private readonly Vector<TPacked> packedBias, dPackedBias;
        private readonly Vector<TWidth> bias;
        private readonly Vector<THidden> hiddenBias;

        public Work(CudaDevice device, int rows)
        {
            this.device = device;
            memory = new(device);
            (x, y, residual) = (memory.Rows<TWidth>(rows), memory.Rows<TWidth>(rows), memory.Rows<TWidth>(rows));
            (before, activated, packed) = (memory.Rows<THidden>(rows), memory.Rows<THidden>(rows), memory.Rows<TPacked>(rows));
            packedWeight = memory.Matrix<TPacked, TWidth>(BufferRole.Parameter);
            dPackedWeight = memory.Matrix<TPacked, TWidth>(BufferRole.Gradient);
            projectionWeight = memory.Matrix<TWidth, TWidth>(BufferRole.Parameter);
            expandWeight = memory.Matrix<THidden, TWidth>(BufferRole.Parameter);
            contractWeight = memory.Matrix<TWidth, THidden>(BufferRole.Parameter);
            (packedBias, dPackedBias) = (memory.Vector<TPacked>(BufferRole.Parameter), memory.Vector<TPacked>(BufferRole.Gradient));
            (bias, hiddenBias) = (memory.Vector<TWidth>(BufferRole.Parameter), memory.Vector<THidden>(BufferRole.Parameter));
        }

        public void Linear() => device.Linear(x, packedWeight, packedBias, packed);

        public void Project() => device.LinearResidual(x, projectionWeight, bias, residual, default, y);

        public void Contract() => device.LinearResidual(activated, contractWeight, bias, residual, default, y);

        public void Expand() => device.LinearActivation(x, expandWeight, hiddenBias, Activation.GeluTanh, before, activated);

        public void ExpandBackward() => device.LinearBackwardActivation(x, contractWeight, Activation.GeluTanh, before, activated);

        public void WeightBackward() => device.LinearBackwardWeight(x, packed, dPackedWeight, dPackedBias, GradientWrite.Write);

        public void Dispose() => memory.Dispose();
    }

    private readonly struct Width : IDimension
    {
        public static int Size => 768;

        public static int Stored => Size;
    }

    private readonly struct Hidden : IDimension
    {
        public static int Size => 4 * Width.Size;

        public static int Stored => Size;
    }

    private readonly struct Packed : IDimension
    {
        public static int Size => 3 * Width.Size;

        public static int Stored => Size;
    }
}
