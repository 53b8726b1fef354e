using System.Globalization;
using GptGen.Cuda.Driver;

namespace GptGen.Benchmarks.Gpu;

/// <summary>What the GPU gives at best: copies, and cuBLAS's products of large square matrices, on random numbers.</summary>
internal static class Ceilings
{
    private const string Operation = "a ceiling";

    /// <summary>Prints the table.</summary>
    public static int Run(int side)
    {
        using var device = new CudaDevice();
        var stream = device.Stream;
        var count = (nint)side * side;
        var bytes = count * sizeof(float);
        using Arena a = device.Allocate(BufferRole.Activation, count), b = device.Allocate(BufferRole.Activation, count), c = device
            .Allocate(BufferRole.Activation, count);
        var values = new float[count];
        RandomNumbers.RandomStream.Batches(1, 0, 0).FillUniform(0, values);
        a.Write(0, values);
        b.Write(0, values);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{device.GpuName}; {bytes / 1e6:f0} MB; fastest / middle"));

        GpuAddress Address(Arena arena) => ((Cuda.CudaArena)arena).Address(0);
        Print(
            "copy inside the GPU, GB/s (read + written)", 2e-9 * bytes,
            GpuTimer.Measure(stream, () => stream.CopyOnGpu(Address(c), Address(a), bytes, Operation), 20));
        Print("to the GPU, GB/s", 1e-9 * bytes, GpuTimer.Measure(stream, () => a.Write(0, values), 5));
        Print("from the GPU, GB/s", 1e-9 * bytes, Timing.Measure(() => a.Read(0, values), 5));

        using var blas = GpuBlas.Create(stream);
        foreach (var precision in (ProductPrecision[])[ProductPrecision.Float32, ProductPrecision.TensorFloat32])
        {
            GpuMatrix Matrix(Arena arena) => new(Address(arena), side);
            Print($"product {side}^3 in {precision}, TFLOP/s", 2e-12 * side * side * side, GpuTimer.Measure(
                stream, () => blas.Multiply(side, side, side, Matrix(a), Matrix(b), Matrix(c), Operation, precision: precision), 10));
        }

        return 0;
    }

    private static void Print(string name, double amount, Timing timing) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-48}{amount / timing.Minimum,10:f2}{amount / timing.Median,10:f2}"));
}
